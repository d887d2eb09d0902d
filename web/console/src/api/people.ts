import { api } from './client';
import type { Role } from './types';

export interface Unit {
  code: string;
  name: string;
}

/** Somebody who works here. */
export interface User {
  number: string;
  name: string;
  team: string;
  roles: Role[];
  unit: Unit | null;
  active: boolean;
  locked_until: string | null;
  must_change_password: boolean;
  totp: boolean;
  created_at: string;
  created_by: string;
  last_login_at: string | null;
}

export interface NewUser {
  number: string;
  name: string;
  team: string;
  roles: Role[];
  unit: string | null;
}

/** What is left out stays; an empty team or unit takes it away. */
export type UserChange = Partial<Omit<NewUser, 'number' | 'unit'>> & { unit?: string; active?: boolean };

/** Where an office stands before it opens. */
export interface Beginning {
  roles: { role: Role; people: number }[];
  /** Of each file what the office has to confirm; no items: all of it. */
  marks: { file: string; title: string; items: string[] }[];
  matters_to_confirm: number;
  matters: number;
  calendar_warning: string;
  totp: boolean;
}

export const peopleApi = {
  list: (signal?: AbortSignal) => api.get<User[]>('/users', {}, signal),
  units: () => api.get<Unit[]>('/units'),
  add: (user: NewUser) => api.post<{ user: User; one_time_password: string }>('/users', user),
  change: (number: string, change: UserChange) => api.patch<User>(`/users/${number}`, change),
  reset: (number: string, withoutTotp: boolean) =>
    api.post<{ one_time_password: string }>(`/users/${number}/reset`, { without_totp: withoutTotp }),
  unlock: (number: string) => api.post<User>(`/users/${number}/unlock`),
  beginning: (signal?: AbortSignal) => api.get<Beginning>('/beginning', {}, signal),
};
