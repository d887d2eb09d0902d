import { api } from './client';

/** A day that was set by hand. */
export interface SetDay {
  day: string;
  working: boolean;
  note: string;
  changed_by: string;
  changed_at: string;
}

export interface Year {
  year: number;
  /** Whether the State Council has said which days are off. */
  announced: boolean;
  /** Weekdays off and weekends at work. */
  special: { day: string; working: boolean; name: string }[];
  days: SetDay[];
  warning: string;
}

interface Changed {
  days: SetDay[];
  message: string;
  warning: string;
}

export const calendarApi = {
  year: (year: number, signal?: AbortSignal) => api.get<Year>(`/calendar/years/${year}`, {}, signal),
  set: (day: string, working: boolean, note: string) =>
    api.put<Changed>(`/calendar/${day}`, { working, note }),
  unset: (day: string) => api.delete<Changed>(`/calendar/${day}`),
};
