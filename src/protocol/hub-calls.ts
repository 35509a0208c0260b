import * as v from 'valibot';
import type { CallRow, CheckedParamsOf } from './call-table.ts';
import { HUB_APP_CALLS } from './hub-app-calls.ts';
import { HUB_COMMIT_CALLS } from './hub-commit-calls.ts';
import { RELAY_CALLS } from './relay-calls.ts';
import * as s from './words.ts';

/** Every call that hubs of a cluster may make of each other, over the link between them. */
export const HUB_CALLS = {
  ...HUB_COMMIT_CALLS,
  about: {
    params: v.object({}),
    answer: v.object({ drones: s.count, repositories: s.count, uptime: s.seconds, leads: v.boolean() }),
    about:
      'How many drones are connected to the hub, how many repositories it has, since when it runs, and whether it leads.',
  },
  ...HUB_APP_CALLS,
  ...RELAY_CALLS,
} as const satisfies Record<string, CallRow>;

export type HubCalls = typeof HUB_CALLS;
/** What a hub receives from another one, checked. */
export type CheckedHubParams = { [K in keyof HubCalls]: CheckedParamsOf<HubCalls, K> };
