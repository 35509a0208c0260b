import type { AuditEntry, AuditVerdict } from '../protocol/answers.ts';
import { FleetError } from '../protocol/errors.ts';
import type { AuditChecks, AuditTrails, AuditVerdicts } from './admin-types.ts';
import type { Link } from './link.ts';

/** Returns the newest entries of the trails of all hubs of a cluster. Throws what is wrong at the hub that is asked. */
export async function trails(link: Link, count: number): Promise<AuditTrails> {
  const { entries, hubs } = await trail(link, count);
  if (!hubs) return { entries, unanswered: {} };
  const each = await Promise.all(
    hubs.map(async (hub) => {
      const found = await trail(link, count, hub).catch(failure);
      return found instanceof FleetError ? { hub, failure: found } : { hub, entries: found.entries };
    }),
  );
  const all = each.flatMap(({ hub, entries = [] }) => entries.map((entry) => ({ hub, ...entry })));
  return {
    entries: count === 0 ? [] : inOrder(all).slice(-count),
    unanswered: Object.fromEntries(each.flatMap(({ hub, failure }) => (failure ? [[hub, failure]] : []))),
  };
}

/** Returns what a check of each trail has found. */
export async function verdicts(link: Link, { expect = {} }: AuditChecks): Promise<AuditVerdicts> {
  const { hubs, ...own } = (await link.call('audit.verify', { expect: expect[''] ?? null })).result;
  if (!hubs) return { '': own };
  const names = [...new Set([...hubs, ...Object.keys(expect).filter((name) => name !== '')])].sort();
  const each = names.map(async (hub): Promise<[string, AuditVerdict | FleetError]> => {
    const found = await link.call('audit.verify', { expect: expect[hub] ?? null, hub }).catch(failure);
    if (found instanceof FleetError) return [hub, found];
    const { hubs: _, ...verdict } = found.result;
    return [hub, verdict];
  });
  return Object.fromEntries(await Promise.all(each));
}

/** Returns entries in the order of their times; those of one hub stay in theirs. */
export function inOrder<E extends Pick<AuditEntry, 'time'>>(entries: readonly E[]): E[] {
  return entries.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time));
}

/** Reads a trail page by page: that of a hub, or of the one that is asked. */
async function trail(link: Link, count: number, hub?: string) {
  const pages: AuditEntry[][] = [];
  let hubs: string[] | undefined;
  for (let left = count, before: number | undefined; left > 0; ) {
    const only = { ...(before === undefined ? {} : { before }), ...(hub === undefined ? {} : { hub }) };
    const { result } = await link.call('audit', { count: left, ...only });
    pages.unshift(result.entries);
    hubs = result.hubs;
    left -= result.entries.length;
    before = result.entries[0]?.n;
    // Entries without a number are of an older fleet, and the oldest.
    if (before === undefined) break;
  }
  return { entries: pages.flat(), hubs };
}

function failure(error: unknown): FleetError {
  if (error instanceof FleetError) return error;
  throw error;
}
