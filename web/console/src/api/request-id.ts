/** An id for something that is to be done once, however often it is sent. (randomUUID is there on https only.) */
export function requestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
