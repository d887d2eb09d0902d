import { api, BASE, type Query, queryString } from './client';
import type {
  AfterAction,
  Catalogue,
  Counts,
  OrderCase,
  OrderPage,
  Revealed,
  RevealField,
  TakenDown,
  ToTell,
} from './types';

/** What a list asks for; names as the service has them. */
export interface OrderFilter extends Query {
  status?: string[];
  nature?: string[];
  topic?: string;
  area?: string;
  of_unit?: string;
  overdue?: boolean;
  near?: boolean;
  urgent?: boolean;
  supervised?: boolean;
  level?: number;
  enterprise?: boolean;
  asking_for?: '退单' | '延期';
  since?: string;
  until?: string;
  words?: string;
  everything?: boolean;
}

const at = (number: string): string => `/orders/${encodeURIComponent(number)}`;

export const ordersApi = {
  list: (filter: OrderFilter, limit: number, offset: number, signal?: AbortSignal) =>
    api.get<OrderPage>('/orders', { ...filter, limit, offset }, signal),
  counts: () => api.get<Counts>('/orders/counts'),
  page: (number: string, signal?: AbortSignal) => api.get<OrderCase>(at(number), undefined, signal),
  /** The same `request` does it once, so that a failed send is simply repeated. */
  act: (
    number: string,
    action: string,
    fields: Record<string, unknown>,
    version: number | null,
    request: string,
  ) => api.post<AfterAction>(`${at(number)}/actions`, { action, fields, version, request }),
  takeDown: (draft: Record<string, unknown>) => api.post<TakenDown>('/orders', draft),
  toTell: (signal?: AbortSignal) => api.get<ToTell[]>('/orders/undelivered', undefined, signal),
  told: (id: number) => api.post<void>(`/orders/deliveries/${id}/told`),
  workbook: (filter: OrderFilter) => api.blob('/orders/export.xlsx', filter),
  addPhotos: (number: string, files: readonly File[], request: string) => {
    const form = new FormData();
    for (const file of files) form.append('file', file);
    return api.upload<void>(`${at(number)}/attachments`, form, { client_id: request });
  },
  notSame: (number: string, other: string) => api.post<void>(`${at(number)}/not-same`, { other }),
  reveal: (number: string, fields: RevealField[], reason: string) =>
    api.post<Revealed>(`${at(number)}/reveal`, { fields, reason }),
  catalogue: () => api.get<Catalogue>('/catalogue'),
};

/** Where an <img> finds a photograph of an order. */
export function photoUrl(number: string, id: string, role: string | null, small = false): string {
  const size = small ? '/thumbnail' : '';
  return `${BASE}${at(number)}/attachments/${id}${size}${queryString({ acting_role: role })}`;
}
