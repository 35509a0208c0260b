import { createHash } from 'node:crypto';
import { type HubTarget, hubUrl } from '../protocol/address.ts';

/**
 * Returns these hubs in the order in which a drone prefers them: each drone has its own order, which stays the same, and
 * each hub is the first of as many drones as any other. If one is added or goes away, only those move that prefer it
 * (rendezvous hashing: Thaler and Ravishankar, 1998).
 */
export function preferredOrder<Hub extends Pick<HubTarget, 'hub'>>(identity: string, hubs: Hub[]): Hub[] {
  const weight = (hub: Hub) =>
    createHash('sha256')
      .update(`${identity} ${hubUrl(hub.hub)}`)
      .digest('hex');
  return hubs
    .map((hub) => ({ hub, weight: weight(hub) }))
    .sort((a, b) => (a.weight < b.weight ? -1 : 1))
    .map(({ hub }) => hub);
}

/** Returns hubs in the order in which they are dialled: that which was lost last comes last. */
export function orderWithout<Hub extends Pick<HubTarget, 'hub'>>(lost: string | null, hubs: Hub[]): Hub[] {
  const isLost = (hub: Hub) => hubUrl(hub.hub) === lost;
  return [...hubs.filter((hub) => !isLost(hub)), ...hubs.filter(isLost)];
}
