/** Reads messages aloud with the browser's own voice. One thing at a time; every reading can be stopped. */

const LONGEST = 120; // Chrome falls silent in the middle of utterances longer than about 15 s
const START_TIMEOUT = 4000; // a device without a voice raises no error, it just never begins
const RATE = 0.95;

export interface SpeechEvents {
  changed(): void;
  unavailable(): void;
}

/** Cuts at the ends of sentences, and only if a sentence is too long in the middle of it. */
export function utterances(text: string): string[] {
  const sentences = text.match(/[^。！？；\n]+[。！？；]?/g) ?? [];
  const result: string[] = [];
  for (const sentence of sentences) {
    const clean = sentence.trim();
    const last = result[result.length - 1];
    if (clean === '') continue;
    if (last !== undefined && last.length + clean.length <= LONGEST) {
      result[result.length - 1] = `${last}\n${clean}`;
    } else {
      for (let start = 0; start < clean.length; start += LONGEST)
        result.push(clean.slice(start, start + LONGEST));
    }
  }
  return result;
}

export class Speech {
  /** The message that is being read, null when it is quiet. */
  reading: number | null = null;
  private queue: { id: number; text: string }[] = [];
  private round = 0;

  constructor(
    private readonly events: SpeechEvents,
    private readonly synth: SpeechSynthesis | undefined = globalThis.speechSynthesis,
  ) {}

  get available(): boolean {
    return this.synth !== undefined && typeof SpeechSynthesisUtterance !== 'undefined';
  }

  /** Reads this one now, instead of whatever is being read. */
  read(id: number, text: string): void {
    this.stop();
    this.enqueue(id, text);
  }

  /** Reads this one when those before it are done. */
  enqueue(id: number, text: string): void {
    if (!this.available) return;
    this.queue.push({ id, text });
    if (this.reading === null) this.next();
  }

  stop(): void {
    this.queue = [];
    this.round += 1;
    this.synth?.cancel();
    this.setReading(null);
  }

  private next(): void {
    const item = this.queue.shift();
    const parts = item === undefined ? [] : utterances(item.text);
    if (item === undefined || parts.length === 0) {
      this.setReading(null);
      return;
    }
    this.setReading(item.id);
    this.speak(parts, this.round);
  }

  private speak(parts: string[], round: number): void {
    const synth = this.synth;
    const text = parts[0];
    if (synth === undefined || round !== this.round) return;
    if (text === undefined) {
      this.next();
      return;
    }
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.lang = 'zh-CN';
    utterance.rate = RATE;
    const voice = synth.getVoices().find((one) => /^zh([-_](CN|Hans))?/i.test(one.lang));
    if (voice !== undefined) utterance.voice = voice;
    const watchdog = setTimeout(() => this.giveUp(round), START_TIMEOUT);
    utterance.onstart = () => clearTimeout(watchdog);
    utterance.onend = () => {
      clearTimeout(watchdog);
      this.speak(parts.slice(1), round);
    };
    utterance.onerror = () => {
      clearTimeout(watchdog);
      this.giveUp(round);
    };
    synth.speak(utterance);
  }

  private giveUp(round: number): void {
    if (round !== this.round) return; // stopped by the citizen: no error
    this.stop();
    this.events.unavailable();
  }

  private setReading(id: number | null): void {
    if (this.reading === id) return;
    this.reading = id;
    this.events.changed();
  }
}
