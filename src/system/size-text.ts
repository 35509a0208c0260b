const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** Returns `0 bytes`, `12.3 MB`, `1.2 GB`; 1 kB is 1000 bytes. */
export function sizeText(bytes: number): string {
  let [size, unit] = [bytes, 0];
  // What would be rounded to 1000.0 gets the next unit.
  for (; size >= 999.95 && unit < UNITS.length - 1; unit++) size /= 1000;
  return `${unit === 0 ? Math.round(size) : size.toFixed(1)} ${UNITS[unit]}`;
}
