/** What becomes of a file that the citizen has chosen, before anything is sent: checked, and made smaller. */
import { strings } from '../strings.zh';
import { HotlineError } from './errors';
import { readAs } from './photos';

export const LONG_SIDE = 2048; // px; the service keeps no more
const SMALL_ENOUGH = 1_500_000; // bytes; a picture of this size goes as it is
const MEGABYTE = 1024 * 1024;

export type PhotoKind = 'jpeg' | 'png' | 'webp' | 'gif' | 'heic';

/** Gives the picture smaller and upright as a data: address, or null when this browser cannot. */
export type ScaleDown = (file: Blob, longSide: number) => Promise<string | null>;

const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'];

/** By what is in the file, as the service decides as well; its name and its type may say anything. */
export function kindOf(head: Uint8Array): PhotoKind | null {
  const text = String.fromCharCode(...head.slice(0, 16));
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('GIF8')) return 'gif';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp';
  if (text.slice(4, 8) === 'ftyp' && HEIC_BRANDS.includes(text.slice(8, 12))) return 'heic';
  return null;
}

/**
 * @param maxBytes of the file that is sent.
 * @returns the picture as a data: address.
 * @throws HotlineError with what the citizen may do about it.
 */
export async function preparePhoto(file: Blob, maxBytes: number, scaleDown: ScaleDown): Promise<string> {
  const words = strings.photos;
  const kind = kindOf(new Uint8Array((await read(file.slice(0, 32), 'bytes')) as ArrayBuffer));
  if (kind === null) throw new HotlineError(words.notAPhoto);
  if (kind === 'heic' || file.size > SMALL_ENOUGH) {
    const smaller = await scaleDown(file, LONG_SIDE);
    if (smaller !== null) return smaller;
  }
  if (kind === 'heic') throw new HotlineError(words.heic);
  if (file.size > maxBytes) throw new HotlineError(words.tooLarge(Math.floor(maxBytes / MEGABYTE)));
  return (await read(file, 'address')) as string;
}

async function read(blob: Blob, what: 'address' | 'bytes'): Promise<string | ArrayBuffer> {
  try {
    return await readAs(blob, what);
  } catch {
    throw new HotlineError(strings.photos.unreadable); // taken off the telephone meanwhile, or in a cloud out of reach
  }
}
