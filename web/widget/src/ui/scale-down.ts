/** Makes a picture smaller with the browser's own means. The service does the same again: it relies on nothing here. */
import type { ScaleDown } from '../core/photo-files';
import { readAs } from '../core/photos';

const QUALITY = 0.82;

interface Decoded {
  source: CanvasImageSource;
  width: number;
  height: number;
  release(): void;
}

export const scaleDown: ScaleDown = async (file, longSide) => {
  // A browser that does not know this draws the picture as the camera was held: better sent as it is.
  if (typeof CSS === 'undefined' || !CSS.supports?.('image-orientation', 'from-image')) return null;
  try {
    const picture = await decode(file);
    try {
      return draw(picture, Math.min(1, longSide / Math.max(picture.width, picture.height)));
    } finally {
      picture.release();
    }
  } catch {
    return null; // of a kind that it does not know, broken, or too large for its memory
  }
};

async function decode(file: Blob): Promise<Decoded> {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' });
    return { source: bitmap, width: bitmap.width, height: bitmap.height, release: () => bitmap.close() };
  } catch {
    const image = new Image();
    await new Promise((done, failed) => {
      image.onload = done;
      image.onerror = failed;
      readAs(file, 'address').then((address) => {
        image.src = address as string;
      }, failed);
    });
    return {
      source: image,
      width: image.naturalWidth,
      height: image.naturalHeight,
      release: () => image.removeAttribute('src'),
    };
  }
}

function draw(picture: Decoded, ratio: number): string | null {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * ratio));
  canvas.height = Math.max(1, Math.round(picture.height * ratio));
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.fillStyle = '#fff'; // under what is transparent
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture.source, 0, 0, canvas.width, canvas.height);
  const address = canvas.toDataURL('image/jpeg', QUALITY);
  canvas.width = canvas.height = 0; // phones give the memory back only then
  return address.startsWith('data:image/jpeg') ? address : null;
}
