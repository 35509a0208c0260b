import * as v from 'valibot';
import { auditCheck, auditEntry, auditVerdict } from './admin-calls.ts';
import type { CallRow, CheckedParamsOf } from './call-table.ts';
import { HUB_APP_CALLS } from './hub-app-calls.ts';
import { HUB_COMMIT_CALLS } from './hub-commit-calls.ts';
import { RELAY_CALLS } from './relay-calls.ts';
import * as s from './words.ts';

/** Every call that hubs of a cluster may make of each other, over the link between them. */
export const HUB_CALLS = {
  ...HUB_COMMIT_CALLS,
  about: () => ({
    params: v.object({}),
    answer: v.object({
      ...{ drones: s.count, repositories: s.count, uptime: s.seconds, leads: v.boolean() },
      problem: v.optional(v.nullable(v.string()), null),
    }),
    about:
      'How many drones are connected to the hub, how many repositories it has, since when it runs, whether it leads, and why it does not reach the engine.',
  }),
  'audit.read': () => ({
    params: v.object({ count: s.count, before: v.nullable(s.count) }),
    answer: v.object({ entries: v.array(auditEntry) }),
    about: 'As `audit` of clients, for the trail of the hub that is asked.',
  }),
  'audit.check': () => ({
    params: v.object(auditCheck),
    answer: v.object(auditVerdict),
    about: 'As `audit.verify` of clients, for the trail of the hub that is asked.',
  }),
  repositories: () => ({
    params: v.object({}),
    answer: v.object({ repositories: v.array(v.object({ repo: s.name, bytes: s.bytes })) }),
    about: 'The repositories that the hub has.',
  }),
  ...HUB_APP_CALLS,
  ...RELAY_CALLS,
} satisfies Record<string, () => CallRow>;

export type HubCalls = typeof HUB_CALLS;
/** What a hub receives from another one, checked. */
export type CheckedHubParams = { [K in keyof HubCalls]: CheckedParamsOf<HubCalls, K> };
