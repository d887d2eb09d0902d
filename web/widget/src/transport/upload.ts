/** Sends a file and tells how far it is: fetch cannot, so this is the old XMLHttpRequest. */

const TIMEOUT = 120_000; // ms; as long as the service waits

export interface Uploaded {
  status: number;
  text: string;
  retryAfter: string | null;
}

/** @param progress is told the share that has left, from 0 to 1. */
export type Upload = (
  url: string,
  headers: Record<string, string>,
  body: Blob,
  progress: (share: number) => void,
) => Promise<Uploaded>;

export const upload: Upload = (url, headers, body, progress) =>
  new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.timeout = TIMEOUT;
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) progress(event.loaded / event.total);
    };
    request.onload = () =>
      done({
        status: request.status,
        text: request.responseText,
        retryAfter: request.getResponseHeader('Retry-After'),
      });
    request.onerror = request.ontimeout = request.onabort = () => failed(new Error('no answer'));
    request.send(body);
  });
