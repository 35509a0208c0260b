import type { AuditEntry, AuditVerdict } from '../protocol/answers.ts';
import { FleetError } from '../protocol/errors.ts';
import type { AuditChecks, AuditTrails, AuditVerdicts } from './admin-types.ts';
import type { Link } from './link.ts';

/** Returns the newest entries of the trails of all hubs of a cluster. Throws what is wrong at the hub that is asked. */
export async function trails(link: Link, count: number): Promise<AuditTrails> {
  const hubs = await hubsOf(link);
  if (!hubs) return { entries: await trail(link, count), unanswered: {} };
  const each = await Promise.all(
    hubs.map(async (hub) => {
      const found = await trail(link, count, hub).catch(failure);
      return found instanceof FleetError ? { hub, failure: found } : { hub, entries: found };
    }),
  );
  const all = each.flatMap(({ hub, entries = [] }) => entries.map((entry) => ({ hub, ...entry })));
  return {
    entries: count === 0 ? [] : inOrder(all).slice(-count),
    unanswered: Object.fromEntries(each.flatMap(({ hub, failure }) => (failure ? [[hub, failure]] : []))),
  };
}

/** Returns what a check of each trail has found. Throws EUSAGE if it is not clear which trail has an expected entry. */
export async function verdicts(link: Link, { expect = {} }: AuditChecks): Promise<AuditVerdicts> {
  const hubs = await hubsOf(link);
  const [expected] = Object.keys(expect).filter((name) => (name === '') === (hubs !== undefined));
  if (expected !== undefined) throw new FleetError('EUSAGE', unclear(expected));
  if (!hubs) return { '': await verdict(link, expect['']) };
  const names = [...new Set([...hubs, ...Object.keys(expect)])].sort();
  const each = names.map(async (hub): Promise<[string, AuditVerdict | FleetError]> => {
    return [hub, await verdict(link, expect[hub], hub).catch(failure)];
  });
  return Object.fromEntries(await Promise.all(each));
}

/** Returns entries in the order of their times; those of one hub stay in theirs. */
export function inOrder<E extends Pick<AuditEntry, 'time'>>(entries: readonly E[]): E[] {
  return entries.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

/** Returns the hubs of the cluster that are connected, without their trails; undefined for a hub that is alone. */
async function hubsOf(link: Link): Promise<string[] | undefined> {
  return (await link.call('audit', { count: 0 })).result.hubs;
}

/** Reads a trail page by page: that of a hub, or of the one that is asked. */
async function trail(link: Link, count: number, hub?: string): Promise<AuditEntry[]> {
  const pages: AuditEntry[][] = [];
  for (let left = count, before: number | undefined; left > 0; ) {
    const only = { ...(before === undefined ? {} : { before }), ...(hub === undefined ? {} : { hub }) };
    const { entries } = (await link.call('audit', { count: left, ...only })).result;
    pages.unshift(entries);
    left -= entries.length;
    before = entries[0]?.n;
    // Entries without a number are of an older fleet, and the oldest.
    if (before === undefined) break;
  }
  return pages.flat();
}

/** Has a trail checked: that of a hub, or of the one that is asked. */
async function verdict(
  link: Link,
  expect: AuditVerdict['last'] | undefined,
  hub?: string,
): Promise<AuditVerdict> {
  const only = hub === undefined ? {} : { hub };
  const { hubs: _, ...found } = (await link.call('audit.verify', { expect: expect ?? null, ...only })).result;
  return found;
}

function unclear(expected: string): string {
  if (expected !== '') return `an entry of ${expected} is expected, and the hub is alone: give NUMBER:HASH`;
  return 'there are several hubs, each with a trail of its own: give what is expected as HUB:NUMBER:HASH';
}

function failure(error: unknown): FleetError {
  if (error instanceof FleetError) return error;
  throw error;
}
