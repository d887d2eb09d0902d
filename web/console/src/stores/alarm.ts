/**
 * The sound and the desktop notice. The sound is on until somebody turns it off, and is heard from the first click or
 * key on: browsers let no page make a noise before. The notice is off until somebody asks for it.
 */
import { ref } from 'vue';
import { alarmWords } from './alarm.zh';

const SOUND_KEY = 'console.sound';
const NOTICE_KEY = 'console.notice';

export const sound = ref(localStorage.getItem(SOUND_KEY) !== 'off');
export const notice = ref(localStorage.getItem(NOTICE_KEY) === 'on' && mayNotify());

/** What is rung for: somebody waits, is in danger, was given to one, has said something; urgent orders. */
export type Why = keyof typeof alarmWords;

let audio: AudioContext | null = null;
let opens: (conversation: string) => void = () => {};

function mayNotify(): boolean {
  return typeof Notification !== 'undefined' && Notification.permission === 'granted';
}

/** Make the sound ready to be heard, as soon as the browser allows it. */
export function unlockOnTouch(): void {
  function unlock(): void {
    audio ??= new AudioContext();
    audio.resume().catch(() => {});
    for (const type of ['pointerdown', 'keydown']) window.removeEventListener(type, unlock, true);
  }
  for (const type of ['pointerdown', 'keydown']) window.addEventListener(type, unlock, true);
}

/** What a click on a notice about a conversation does. */
export function whenClicked(open: (conversation: string) => void): void {
  opens = open;
}

/** Sound on or off; when it goes on it is heard, so that one knows it. */
export function setSound(on: boolean): void {
  sound.value = on;
  localStorage.setItem(SOUND_KEY, on ? 'on' : 'off');
  if (on) beep(2, 660);
}

/** The desktop notice on or off; the browser asks the person first. False: the browser does not allow it. */
export async function setNotice(on: boolean): Promise<boolean> {
  let allowed = true;
  if (on && !mayNotify()) {
    allowed = typeof Notification !== 'undefined' && (await Notification.requestPermission()) === 'granted';
  }
  notice.value = on && allowed;
  localStorage.setItem(NOTICE_KEY, notice.value ? 'on' : 'off');
  return allowed;
}

function beep(times: number, pitch: number): void {
  if (audio?.state !== 'running') return;
  const begin = audio.currentTime;
  for (let place = 0; place < times; place += 1) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.15, begin + place * 0.22);
    volume.gain.exponentialRampToValueAtTime(0.001, begin + place * 0.22 + 0.2);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin + place * 0.22);
    tone.stop(begin + place * 0.22 + 0.2);
  }
}

/** Ring; nothing of what was said is in the notice: it may stand on a screen that others see. */
export function ring(why: Why, { conversation = '', text = '' } = {}): void {
  const urgent = why === 'urgent' || why === 'orders';
  if (sound.value) beep(urgent ? 4 : why === 'said' ? 1 : 2, urgent ? 988 : 660);
  if (!notice.value || !mayNotify()) return;
  const shown = new Notification(alarmWords[why], { body: text, tag: conversation || why });
  shown.onclick = () => {
    window.focus();
    shown.close();
    if (conversation) opens(conversation);
  };
}
