const WEEK_MS = 7 * 86_400_000;

/** Returns a time as `12:44` today, `Mon 12:44` within a week, else `2026-08-30`, in the reader's time zone. */
export function clockText(time: Date, now: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (time.toDateString() === new Date(now).toDateString()) return clock;
  if (Math.abs(now - time.getTime()) < WEEK_MS) return `${time.toDateString().slice(0, 3)} ${clock}`;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}
