import * as v from 'valibot';
import type { ClientCallRow } from './call-table.ts';
import * as s from './words.ts';

/** A hub of a cluster; what is not known is null. */
const hubEntry = v.object({
  name: s.name,
  version: s.version,
  address: v.nullable(s.shortText),
  drones: v.nullable(s.count),
  repositories: v.nullable(s.count),
  uptime: v.nullable(s.seconds),
  leads: v.nullable(v.boolean()),
  lost: v.optional(v.nullable(s.seconds), null),
  problem: v.optional(v.nullable(v.string()), null),
});

/** What a client asks about a cluster. */
export const CLUSTER_CALLS = {
  hubs: () => ({
    right: 'read',
    audited: false,
    params: v.object({}),
    answer: v.object({ hubs: v.array(hubEntry) }),
    about:
      'The hubs of the cluster, by name; for a hub that is alone, that one. While the hub does not reach the engine, `problem` says so, and `lost` for how many seconds others, which were there before, have not been heard of.',
  }),
} satisfies Record<string, () => ClientCallRow>;
