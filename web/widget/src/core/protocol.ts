/** The shapes of docs/protocol.md, and the check at the door: the rest of the widget trusts what passed here. */

export type Author = 'citizen' | 'bot' | 'agent' | 'system';
export type Mode = 'bot' | 'queued' | 'human';
export type CardKind = 'answer' | 'receipt' | 'order' | 'emergency' | 'summary';
export type SectionStyle = 'checklist' | 'steps' | 'text' | 'phones' | 'facts';

export interface Conversation {
  readonly mode: Mode;
  readonly position: number | null;
  readonly agent: string | null;
  readonly in_service_hours: boolean;
}

export interface MessageButton {
  readonly title: string;
  readonly style: 'default' | 'primary' | 'danger';
  readonly icon: string | null;
  readonly hint: string | null;
}

export interface CardItem {
  readonly text: string;
  readonly label: string | null;
  readonly note: string | null;
  readonly phone: string | null;
  readonly link: string | null;
}

export interface CardSection {
  readonly heading: string;
  readonly style: SectionStyle;
  readonly open: boolean;
  readonly items: readonly CardItem[];
}

export interface CardSource {
  readonly title: string;
  readonly address: string | null;
  readonly checked: string | null;
  readonly unit: string | null;
}

export interface Card {
  readonly kind: CardKind;
  readonly title: string;
  readonly sections: readonly CardSection[];
  readonly source: CardSource | null;
}

export interface Photo {
  readonly id: string;
  /** In pixels. */
  readonly width: number;
  readonly height: number;
}

export interface Message {
  readonly id: number;
  readonly author: Author;
  readonly agent: string | null;
  readonly text: string;
  readonly created_at: string;
  readonly client_id: string | null;
  readonly reply_to: number | null;
  readonly buttons: readonly MessageButton[];
  readonly card: Card | null;
  readonly attachments: readonly Photo[];
  readonly menu: boolean;
  readonly feedback: boolean | null;
  readonly can_rate: boolean;
}

export interface Site {
  readonly name: string;
  readonly city: string;
  readonly hotline: string;
  readonly notice: string;
  /** There are demo data: the page says so. */
  readonly demo: boolean;
  readonly max_length: number;
  readonly photos: PhotoLimits;
}

export interface PhotoLimits {
  /** Of one file. */
  readonly max_bytes: number;
  readonly per_message: number;
}

export interface Press {
  readonly message: number;
  readonly button: number;
}

type Bag = Record<string, unknown>;

const isBag = (value: unknown): value is Bag =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const string = (value: unknown, fallback = ''): string => (typeof value === 'string' ? value : fallback);
const optional = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
const number = (value: unknown, fallback: number): number =>
  typeof value === 'number' && Number.isFinite(value) ? value : fallback;
const oneOf = <T extends string>(value: unknown, allowed: readonly T[], fallback: T): T =>
  allowed.includes(value as T) ? (value as T) : fallback;

/** Only web addresses become links: an address from data must never run as a script. */
export function webAddress(value: unknown): string | null {
  const address = optional(value);
  return address !== null && /^https?:\/\//i.test(address) ? address : null;
}

function parseButton(value: unknown): MessageButton {
  const bag = isBag(value) ? value : {};
  return {
    title: string(bag.title),
    style: oneOf(bag.style, ['default', 'primary', 'danger'], 'default'),
    icon: optional(bag.icon),
    hint: optional(bag.hint),
  };
}

function parseItem(value: unknown): CardItem {
  const bag = isBag(value) ? value : {};
  return {
    text: string(bag.text),
    label: optional(bag.label),
    note: optional(bag.note),
    phone: optional(bag.phone),
    link: webAddress(bag.link),
  };
}

function parseCard(value: unknown): Card | null {
  if (!isBag(value)) return null;
  const source = isBag(value.source) ? value.source : null;
  return {
    kind: oneOf(value.kind, ['answer', 'receipt', 'order', 'emergency', 'summary'], 'answer'),
    title: string(value.title),
    sections: list(value.sections)
      .filter(isBag)
      .map((section) => ({
        heading: string(section.heading),
        style: oneOf(section.style, ['checklist', 'steps', 'text', 'phones', 'facts'], 'text'),
        open: section.open !== false,
        items: list(section.items).map(parseItem),
      })),
    source: source && {
      title: string(source.title),
      address: webAddress(source.address),
      checked: optional(source.checked),
      unit: optional(source.unit),
    },
  };
}

export function parsePhoto(value: unknown): Photo | null {
  // The id becomes a part of an address.
  if (!isBag(value) || typeof value.id !== 'string' || !/^[\w-]+$/.test(value.id)) return null;
  return { id: value.id, width: number(value.width, 0), height: number(value.height, 0) };
}

/** A message, or null when it is none (such a one is left out, and nothing else breaks). */
export function parseMessage(value: unknown): Message | null {
  if (!isBag(value) || typeof value.id !== 'number') return null;
  return {
    id: value.id,
    author: oneOf(value.author, ['citizen', 'bot', 'agent', 'system'], 'system'),
    agent: optional(value.agent),
    text: string(value.text),
    created_at: string(value.created_at),
    client_id: optional(value.client_id),
    reply_to: typeof value.reply_to === 'number' ? value.reply_to : null,
    // Positions matter (buttons are pressed by index), so a broken button keeps its place.
    buttons: list(value.buttons).map(parseButton),
    card: parseCard(value.card),
    attachments: list(value.attachments)
      .map(parsePhoto)
      .filter((photo) => photo !== null),
    menu: value.menu === true,
    feedback: typeof value.feedback === 'boolean' ? value.feedback : null,
    can_rate: value.can_rate === true,
  };
}

export function parseMessages(value: unknown): Message[] {
  return list(value)
    .map(parseMessage)
    .filter((message) => message !== null);
}

export function parseConversation(value: unknown): Conversation | null {
  if (!isBag(value)) return null;
  return {
    mode: oneOf(value.mode, ['bot', 'queued', 'human'], 'bot'),
    position: typeof value.position === 'number' ? value.position : null,
    agent: optional(value.agent),
    in_service_hours: value.in_service_hours !== false,
  };
}

export function parseSite(value: unknown, fallback: Site): Site {
  if (!isBag(value)) return fallback;
  const photos = isBag(value.photos) ? value.photos : {};
  return {
    name: string(value.name, fallback.name),
    city: string(value.city, fallback.city),
    hotline: string(value.hotline, fallback.hotline),
    notice: string(value.notice, fallback.notice),
    demo: value.demo === true,
    max_length: number(value.max_length, fallback.max_length),
    photos: {
      max_bytes: number(photos.max_bytes, fallback.photos.max_bytes),
      per_message: number(photos.per_message, fallback.photos.per_message),
    },
  };
}
