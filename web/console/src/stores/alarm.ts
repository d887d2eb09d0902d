/** The sound and the desktop notice for a conversation that begins to wait: both off until somebody allows them. */
import { ref } from 'vue';
import { alarmWords as words } from './alarm.zh';

const SOUND_KEY = 'console.sound';
const NOTICE_KEY = 'console.notice';

export const sound = ref(localStorage.getItem(SOUND_KEY) === 'on');
export const notice = ref(localStorage.getItem(NOTICE_KEY) === 'on' && mayNotify());

let audio: AudioContext | null = null;

function mayNotify(): boolean {
  return typeof Notification !== 'undefined' && Notification.permission === 'granted';
}

/** Sound on or off; when it goes on it is heard, so that one knows it. */
export function setSound(on: boolean): void {
  sound.value = on;
  localStorage.setItem(SOUND_KEY, on ? 'on' : 'off');
  if (on) beep(false);
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

function beep(urgent: boolean): void {
  audio ??= new AudioContext();
  audio.resume().catch(() => {});
  const begin = audio.currentTime;
  for (let place = 0; place < (urgent ? 4 : 2); place += 1) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = urgent ? 988 : 660;
    volume.gain.setValueAtTime(0.15, begin + place * 0.22);
    volume.gain.exponentialRampToValueAtTime(0.001, begin + place * 0.22 + 0.2);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin + place * 0.22);
    tone.stop(begin + place * 0.22 + 0.2);
  }
}

/** Somebody waits, or is in danger. */
export function ring(conversation: string, urgent: boolean, reason: string): void {
  if (sound.value) beep(urgent);
  if (notice.value && mayNotify()) {
    // Nothing of what was said: a notice may stand on a screen that others see.
    new Notification(urgent ? words.urgent : words.waiting, { body: reason, tag: conversation });
  }
}
