/** What the drawn parts may ask for. The app fulfils it; the parts stay functions of what they are given. */
import type { Press } from '../core/protocol';

export interface Actions {
  press(press: Press, title: string): void;
  retry(clientId: string): void;
  edit(clientId: string): void;
  /** Shows a photograph large: of the entry with this key, at this place from 0. */
  view(key: string, place: number): void;
  rate(id: number, useful: boolean): void;
  read(id: number, text: string): void;
  stopReading(): void;
  ticked(key: string): boolean;
  tick(key: string, on: boolean): void;
  copy(text: string): Promise<boolean>;
}
