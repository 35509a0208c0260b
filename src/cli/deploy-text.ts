import type { DeployProgress } from '../client/types.ts';

const MAX_NAMES = 8;
/** Less would be shown as `0.0 MiB`. */
const MIN_BYTES = 0.05 * 1024 ** 2;

/** Returns what the progress line of `deploy` shows. */
export function progressText({ phase, done, total, bytes }: DeployProgress): string {
  if (phase === 'drones') return `${done} of ${total} drones have it`;
  const size = bytes && bytes >= MIN_BYTES ? `, ${(bytes / 1024 ** 2).toFixed(1)} MiB` : '';
  return done === 0
    ? 'pushing to the hub'
    : `pushing to the hub: ${Math.floor((100 * done) / total)}%${size}`;
}

/** Returns what `deploy` adds on a terminal: `to web1, web2 (0.6 s)`. `ms` is how long it took. */
export function summaryText(drones: string[], pushed: boolean, ms: number): string {
  const more = drones.length - MAX_NAMES;
  const names = more > 1 ? [...drones.slice(0, MAX_NAMES), `${more} more`] : drones;
  const seconds = `${(ms / 1000).toFixed(1)} s`;
  return `to ${names.join(', ')} (${pushed ? seconds : `${seconds}, already at the hub`})`;
}
