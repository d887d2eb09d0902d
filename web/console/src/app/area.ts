import type { RouteRecordRaw } from 'vue-router';
import type { Role } from '@/api/types';
import type { IconName } from '@/icons/paths';

/** One line of the menu. */
export interface MenuEntry {
  /** Name of the route it opens. */
  to: string;
  query?: Record<string, string>;
  label: string;
  /** A number beside the label; null: none. Called in a render, so that stores are watched. */
  count?: () => number | null;
  /** The number stands for something that burns. */
  alarming?: boolean;
}

/** A part of the console: its folder's index.ts has one of these as its default export. */
export interface Area {
  key: string;
  label: string;
  icon: IconName;
  /** Its place in the menu, from above. */
  order: number;
  /** Those who have it above all others: it is where they begin. */
  firstFor?: readonly Role[];
  /** Who sees it. `acting`: the roles in which orders are seen, by the role that is chosen; others by what the person has. */
  roles: readonly Role[];
  routes: RouteRecordRaw[];
  /** The lines under the label; called in a render. */
  menu: () => MenuEntry[];
  /** Keys of this area for the help (?). */
  keys?: readonly { keys: string; does: string }[];
}

/** Checks that everything is there. */
export function defineArea(area: Area): Area {
  return area;
}
