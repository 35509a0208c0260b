import { FleetError } from '../protocol/errors.ts';

const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** The limit of node's timers. */
const MAX_WAIT_MS = 2_147_483_647;

/** Returns the milliseconds of `10` or `10s` (seconds), `500ms`, `2m`, `1h`, `30d` or `2w`. Throws EUSAGE. */
export function parseDuration(text: string, option: string): number {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)?$/.exec(text) ?? [];
  if (number === undefined) {
    throw new FleetError('EUSAGE', `--${option}=${text} is not a length of time; write 10s, 2m, 1h or 30d`);
  }
  return Math.round(Number(number) * MS[unit as keyof typeof MS]);
}

/** The same, if a timer can wait that long. Throws EUSAGE. */
export function parseWait(text: string, option: string): number {
  const ms = parseDuration(text, option);
  if (ms <= MAX_WAIT_MS) return ms;
  throw new FleetError('EUSAGE', `--${option}=${text} is too long; 24d is the most`);
}

/** Returns the bytes of `1000`, `64K`, `16M`, `16MiB` or `1G`. Throws EUSAGE. */
export function parseSize(text: string, option: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(?:([KMG])(?:i?B)?|B)?$/i.exec(text) ?? [];
  if (number === undefined) {
    throw new FleetError('EUSAGE', `--${option}=${text} is not a size; write 500K, 16M or 1G`);
  }
  return Math.round(Number(number) * 1024 ** ' KMG'.indexOf(unit.toUpperCase() || ' '));
}

/** Parses a whole number from 0. Throws EUSAGE. */
export function parseCount(text: string, option: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new FleetError('EUSAGE', `--${option}=${text} is not a number of lines`);
}

/** Returns milliseconds in the shortest form: `5s`, `2m`, `500ms`. */
export function formatDuration(ms: number): string {
  const units = ['d', 'h', 'm', 's'] as const;
  const unit = ms > 0 ? units.find((one) => ms % MS[one] === 0) : 's';
  return unit ? `${ms / MS[unit]}${unit}` : `${ms}ms`;
}

/** Returns seconds as roughly `8s`, `3m`, `2h` or `5d`. */
export function aboutSeconds(seconds: number): string {
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86_400)}d`;
}

/** Returns `1 line`, `1,204 lines`. */
export function counted(count: number, what: string, many = `${what}s`): string {
  // toLocaleString loads node's locales first, which takes longer than a whole command.
  const digits = String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `${digits} ${count === 1 ? what : many}`;
}

/** Returns how many lines are missing, in words. */
export function droppedLines({ lines, atLeast }: { lines: number; atLeast?: boolean }): string {
  return `${atLeast ? 'at least ' : ''}${counted(lines, 'line')}`;
}
