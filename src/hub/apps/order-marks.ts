import type { Fence } from '../../protocol/fence.ts';
import type { ProcessReport } from '../../protocol/process.ts';
import type { Start } from './instance-key.ts';
import type { Vault } from './vault.ts';

/** So many processes of one slot and release may be on a drone at once, all but one of them leaving. */
const MAX_ATTEMPTS = 32;

/** What the hub's own key makes of a text, and nobody else can. */
export type Digests = Pick<Vault, 'digest'>;

/** Returns the key of the order that starts an instance, which only a hub with this vault can know. */
export function startKey(vault: Digests, { app, service, slot, release, attempt }: Start): string {
  return vault.digest(JSON.stringify(['start', { app, service, slot, release, attempt }]));
}

/** Returns true if a hub with this vault has ordered what a report says it is an instance of. */
export function isOrdered(
  vault: Digests,
  { key, instance }: Pick<ProcessReport, 'key' | 'instance'>,
): boolean {
  if (!instance) return true;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++)
    if (startKey(vault, { ...instance, attempt }) === key) return true;
  return false;
}

/** Returns the mark of a fence, by which it is known when a drone speaks of it. */
export function fenceMark(vault: Digests, app: string, { created, count }: Fence): string {
  return vault.digest(JSON.stringify(['fence', app, created, count]));
}

/** Returns the fences that a hub with this vault has given orders with. */
export function givenFences(vault: Digests, fences: Readonly<Record<string, Fence>>): Record<string, Fence> {
  const given = Object.entries(fences).filter(([app, fence]) => fence.mark === fenceMark(vault, app, fence));
  return Object.fromEntries(given);
}
