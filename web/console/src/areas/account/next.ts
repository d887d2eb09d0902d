/** Where to go after the login: a path of our own pages, or the start. */
export function nextPage(given: unknown): string {
  const path = typeof given === 'string' ? given : '';
  // `//other.example` and `/\other` are addresses of other sites.
  return /^\/(?![/\\])/.test(path) && !path.startsWith('/login') ? path : '/';
}
