/** What comes through the socket; docs/desk-protocol.md has the whole list. Areas narrow it by `type`. */
export interface LiveEvent {
  seq?: number;
  type: string;
  [field: string]: unknown;
}

export type Listener = (event: LiveEvent) => void;
