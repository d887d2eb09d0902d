/** Whether all characters of `typed` stand in `name` in this order: 人社局 finds 人力资源和社会保障局. */
export function matches(name: string, typed: string): boolean {
  let from = 0;
  for (const character of typed.replace(/\s/g, '')) {
    const at = name.indexOf(character, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}

/** Those that match, what stands together before what is spread out, then the shorter name. */
export function best<T extends { name: string }>(all: readonly T[], typed: string, most: number): T[] {
  const wanted = typed.replace(/\s/g, '');
  if (!wanted) return all.slice(0, most);
  return all
    .filter((one) => matches(one.name, wanted))
    .map((one) => ({ one, apart: one.name.includes(wanted) ? 0 : 1 }))
    .sort((a, b) => a.apart - b.apart || a.one.name.length - b.one.name.length)
    .slice(0, most)
    .map(({ one }) => one);
}
