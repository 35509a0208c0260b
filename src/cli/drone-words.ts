import { DEFAULT_COMMIT_LIMITS } from '../drone/commit-limits.ts';
import type { MinFree } from '../drone/min-free.ts';
import { FleetError } from '../protocol/errors.ts';
import { parseSize } from './quantity.ts';

/** What labels and their values may be, as the protocol has it. */
const LABEL = /^([A-Za-z0-9][A-Za-z0-9._/-]{0,62})=([^\0]{0,256})$/s;
const MAX_PORT = 65_535;
const SHARE = /^(\d{1,2}(\.\d+)?)%$/;

/** Parses `KEY=VALUE` words; a later one wins. `written` returns one as its user writes it. Throws EUSAGE. */
export function parseLabels(
  words: readonly string[],
  written: (label: string) => string = (label) => `--label=${label}`,
): Record<string, string> {
  const pairs = words.map((word) => {
    const [, key, value] = LABEL.exec(word) ?? [];
    if (key === undefined || value === undefined)
      throw new FleetError('EUSAGE', `${written(word)} is not a label; write ${written('role=web')}`);
    return [key, value] as const;
  });
  return Object.fromEntries(pairs);
}

/** Parses a range of ports, such as `20000-29999`. Throws EUSAGE. */
export function parsePorts(text: string): { first: number; last: number } {
  const [first, last] = (/^(\d{1,5})-(\d{1,5})$/.exec(text) ?? []).slice(1).map(Number);
  if (first !== undefined && last !== undefined && first > 0 && first <= last && last <= MAX_PORT)
    return { first, last };
  throw new FleetError('EUSAGE', `--ports=${text} is not a range of ports; write --ports=20000-29999`);
}

/** Parses `--address`: a host name or an IP address, without a port. Throws EUSAGE. */
export function parseHostAddress(text: string): string {
  const isAddress = /^(?:[A-Za-z0-9][A-Za-z0-9.-]{0,252}|(?=.*:)[0-9A-Fa-f:][0-9A-Fa-f:.]{1,45})$/.test(text);
  if (isAddress) return text;
  throw new FleetError(
    'EUSAGE',
    `--address=${text} is not an address; write --address=10.0.0.5, without a port`,
  );
}

/** Parses space to be kept free: a size, or a share such as `5%`. Throws EUSAGE. */
export function parseMinFree(text: string): MinFree {
  if (SHARE.test(text)) return text as MinFree;
  if (!text.includes('%')) return parseSize(text, 'min-free');
  throw new FleetError('EUSAGE', `--min-free=${text} is not a share of a disk; write --min-free=5%`);
}

/** Parses what a commit may have. Throws EUSAGE. */
export function parseCommitLimits(files: string | undefined, size: string | undefined) {
  if (files !== undefined && !/^[1-9]\d{0,11}$/.test(files))
    throw new FleetError('EUSAGE', `--max-files=${files} is not a number of files; write --max-files=100000`);
  return {
    files: files === undefined ? DEFAULT_COMMIT_LIMITS.files : Number(files),
    bytes: size === undefined ? DEFAULT_COMMIT_LIMITS.bytes : parseSize(size, 'max-checkout'),
  };
}
