import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { accountApi } from '@/api/account';
import { ApiError, useCredentials } from '@/api/client';
import type { Person, Role } from '@/api/types';

const ROLE_KEY = 'console.role';

/** Who is logged in, and in which role this person acts now. */
export const useSession = defineStore('session', () => {
  const person = ref<Person | null>(null);
  const chosen = ref<string | null>(localStorage.getItem(ROLE_KEY));
  /** The service was asked who is logged in. */
  const known = ref(false);
  /** The session ended while somebody was at work. */
  const expired = ref(false);

  /** The role in which orders are seen; null: this person has to do with other things only. */
  const role = computed<Role | null>(() => {
    const roles = person.value?.acting_roles ?? [];
    return roles.find((one) => one === chosen.value) ?? roles[0] ?? null;
  });

  /** Whether the person has one of these roles, whichever is chosen now. */
  function has(...roles: Role[]): boolean {
    return roles.some((one) => person.value?.roles.includes(one));
  }

  /** Whether the person acts in one of these roles now. */
  function actsAs(...roles: Role[]): boolean {
    return role.value !== null && roles.includes(role.value);
  }

  function enter(found: Person): void {
    person.value = found;
    known.value = true;
    expired.value = false;
  }

  function choose(wanted: Role): void {
    chosen.value = wanted;
    localStorage.setItem(ROLE_KEY, wanted);
  }

  /** Ask the service who is logged in, once. */
  async function find(): Promise<void> {
    if (known.value) return;
    try {
      enter(await accountApi.me());
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      person.value = null;
      known.value = true;
    }
  }

  async function logOut(): Promise<void> {
    try {
      await accountApi.logOut();
    } finally {
      person.value = null;
    }
  }

  useCredentials({
    csrf: () => person.value?.csrf ?? null,
    role: () => role.value,
    expired: () => {
      if (person.value !== null) expired.value = true;
      person.value = null;
    },
  });

  return { person, role, known, expired, has, actsAs, enter, choose, find, logOut };
});
