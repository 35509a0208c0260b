import * as v from 'valibot';
import type { ClientCallRow } from './call-table.ts';
import * as t from './traffic-words.ts';
import * as s from './words.ts';

const place = { hub: s.key, revision: s.count };

/** What a client calls that brings requests to instances, or shows where they are. */
export const TRAFFIC_CALLS = {
  endpoints: () => ({
    right: 'proxy',
    orRight: 'read',
    audited: false,
    params: v.object({}),
    answer: v.object({ apps: t.apps }),
    about:
      'The instances that may get requests, by app. `state`: `ready`; `lost`, if it was ready when its drone was lost; `not-ready`; `leaving`. `address` is null if its drone cannot be reached from where this client is.',
  }),
  'endpoints.follow': () => ({
    right: 'proxy',
    orRight: 'read',
    audited: false,
    params: v.object({
      drains: v.boolean(),
      since: v.optional(v.nullable(v.object(place)), null),
    }),
    answer: v.object({ ...place, whole: v.boolean(), apps: t.apps }),
    about:
      'As `endpoints`, and from then on the notice `endpoints` for each change. With `since`, what an earlier answer or notice had, only what has changed: then it is not `whole`. This client must send `endpoints.confirm` for each revision once it sends no more new requests to what is `leaving`, as instances are not stopped before, for up to 2 s. With `drains` (right: proxy), it must also send `endpoints.drained` for each that is `leaving`.',
  }),
  'endpoints.confirm': () => ({
    right: 'proxy',
    orRight: 'read',
    audited: false,
    params: v.object(place),
    answer: v.null(),
    about: 'This client acts by this revision of this hub from now on. A notification.',
  }),
  'endpoints.drained': () => ({
    right: 'proxy',
    audited: false,
    params: v.object({ id: s.id }),
    answer: v.null(),
    about: 'None of its requests is under way at this instance, which was `leaving`. A notification.',
  }),
} satisfies Record<string, () => ClientCallRow>;
