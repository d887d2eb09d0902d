/** Whether an error says that a part of the page is gone: the service was upgraded since the page was opened. */
export function isGonePart(error: unknown): boolean {
  const said = error instanceof Error ? error.message : String(error);
  return /dynamically imported module|importing a module script|preload css|module script failed/i.test(said);
}
