/** A year laid out in months and weeks; days are `YYYY-MM-DD`, and nothing depends on where the computer is. */
export interface Month {
  month: number;
  /** Weeks from Monday on; null: not of this month. */
  weeks: (string | null)[][];
}

const WEEK = 7;

function iso(year: number, month: number, day: number): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** 0: Monday … 6: Sunday. */
export function weekday(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + WEEK - 1) % WEEK;
}

export function monthsOf(year: number): Month[] {
  return Array.from({ length: 12 }, (_, index) => {
    const month = index + 1;
    const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
    const cells: (string | null)[] = Array.from({ length: weekday(iso(year, month, 1)) }, () => null);
    for (let day = 1; day <= length; day += 1) cells.push(iso(year, month, day));
    while (cells.length % WEEK) cells.push(null);
    const weeks = [];
    for (let begin = 0; begin < cells.length; begin += WEEK) weeks.push(cells.slice(begin, begin + WEEK));
    return { month, weeks };
  });
}
