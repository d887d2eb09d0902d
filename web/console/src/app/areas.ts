import type { Role } from '@/api/types';
import type { Area } from './area';

const found = import.meta.glob<{ default: Area }>('../areas/*/index.ts', { eager: true });

/** All areas, in the order of the menu. */
export const areas: readonly Area[] = Object.values(found)
  .map((module) => module.default)
  .sort((a, b) => a.order - b.order);

/** Roles in which orders are seen: of these the one that is chosen counts, of the others all that a person has. */
const ACTING: readonly Role[] = ['坐席', '派单员', '承办单位', '督办', '领导', '跟班学习'];

/** The areas that somebody sees. */
export function areasFor(roles: readonly Role[], acting: Role | null): Area[] {
  const counting = roles.filter((role) => !ACTING.includes(role) || role === acting);
  // Who acts in no role begins where one of the others says.
  const own = acting === null ? roles : [acting];
  const begins = (area: Area): boolean => area.firstFor?.some((role) => own.includes(role)) ?? false;
  return areas
    .filter((area) => area.roles.some((role) => counting.includes(role)))
    .sort((a, b) => Number(begins(b)) - Number(begins(a)));
}
