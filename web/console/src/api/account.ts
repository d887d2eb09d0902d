import { api } from './client';
import type { Person } from './types';

export interface LoginAnswer {
  next: 'done' | 'totp';
  session: Person | null;
  challenge: string | null;
}

/** A browser in which one is logged in. */
export interface OwnSession {
  id: number;
  device: string;
  address: string;
  created_at: string;
  last_seen_at: string;
  ends_at: string;
  current: boolean;
}

const quietly = { loggingIn: true };

export const accountApi = {
  me: () => api.get<Person>('/session'),
  logIn: (number: string, password: string) => api.post<LoginAnswer>('/login', { number, password }, quietly),
  secondStep: (challenge: string, code: string) =>
    api.post<LoginAnswer>('/login/totp', { challenge, code }, quietly),
  logOut: () => api.post<void>('/logout', {}, quietly),
  changePassword: (old: string, fresh: string) => api.post<Person>('/password', { old, new: fresh }),
  setUp: (token: string, number: string, name: string, password: string) =>
    api.post<Person>('/setup', { token, number, name, password }, quietly),
  offerTotp: (password: string) => api.post<{ secret: string; uri: string }>('/totp', { password }),
  confirmTotp: (code: string) => api.post<{ recovery_codes: string[] }>('/totp/confirm', { code }),
  removeTotp: (password: string) => api.post<void>('/totp/remove', { password }),
  sessions: () => api.get<OwnSession[]>('/sessions'),
  revoke: (id: number) => api.delete(`/sessions/${id}`),
  revokeOthers: () => api.delete<{ ended: number }>('/sessions'),
};
