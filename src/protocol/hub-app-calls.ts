import * as v from 'valibot';
import * as a from './app-words.ts';
import type { CallRow } from './call-table.ts';
import { record } from './record.ts';
import { RIGHTS } from './rights.ts';
import * as s from './words.ts';

const nothing = v.null();
const shortTexts = v.pipe(v.array(v.string()), v.maxLength(1_000));

/** Who makes a call, and what they may do. */
const caller = v.pipe(
  v.object({
    name: v.string(),
    accessor: v.optional(v.string()),
    address: v.string(),
    rights: v.array(v.picklist(RIGHTS)),
    repo: v.nullable(s.name),
    limits: v.optional(
      v.object({
        stage: v.exactOptional(v.string()),
        drones: v.exactOptional(shortTexts),
        commands: v.exactOptional(v.array(shortTexts)),
      }),
    ),
  }),
  v.title('caller'),
);
/** Of events about apps: when a hub was started, as a random text, and its number of the last one. */
const place = v.object({ start: s.key, count: s.count });
const event = v.looseObject({ type: v.string(), time: s.milliseconds });
const instance = { drone: s.name, id: s.id };

/** What hubs of a cluster call of each other about apps. One of them, which leads, decides about all apps. */
export const HUB_APP_CALLS = {
  leads: () => ({
    params: v.object({ fence: v.nullable(a.fence) }),
    answer: nothing,
    about: 'The hub that calls leads, with this fence; null if it does not, or does not any more.',
  }),
  'client.call': () => ({
    params: v.object({ key: s.key, who: caller, method: v.string(), params: v.unknown() }),
    answer: v.nullable(v.object({ answer: v.unknown() })),
    about:
      'A call of a client of the hub that calls, which the hub that leads makes: it checks again what `who` may do. Null if it does not lead. The hub that was asked first writes it to the audit trail.',
  }),
  'client.gone': () => ({
    params: v.object({ key: s.key }),
    answer: nothing,
    about: 'Nobody waits for the answer to a `client.call` any more.',
  }),
  'commit.build': () => ({
    params: v.object({ repo: s.name, commit: s.commit, drones: v.nullable(s.names) }),
    answer: v.nullable(
      v.object({ drones: record(s.name, v.nullable(s.error)), absent: record(s.name, s.seconds) }),
    ),
    about:
      'Builds a commit that was deployed, on these drones or on all that get the app. Null if the hub does not lead.',
  }),
  'instances.restart': () => ({
    params: v.object({
      instances: v.pipe(v.array(v.object(instance)), v.maxLength(100_000)),
      grace: s.grace,
    }),
    answer: v.nullable(v.object({ drones: record(s.name, s.stopResult) })),
    about:
      'Restarts instances of apps in place, one of a service after the other. Null if the hub does not lead.',
  }),
  'drone.replace': () => ({
    params: v.object({ name: s.name }),
    answer: v.nullable(v.object({ moved: v.boolean() })),
    about:
      'Places anew what apps have on a drone that does not come back. `moved`: there was something. Null if the hub does not lead.',
  }),
  'app.events': () => ({
    params: v.object({ after: v.nullable(place) }),
    answer: v.object({ last: place, events: v.array(event) }),
    about:
      'From now on, tells the hub that calls of what it decides about apps, as `app.event`. Answers with what it has told after a place; nothing without one.',
  }),
  'app.event': () => ({
    params: v.object({ last: place, event }),
    answer: nothing,
    about:
      'An event about an app, of the hub that leads. A state of a release that the hub before it has told may come again.',
  }),
  'traffic.leave': () => ({
    params: v.object({ ...instance, stops: v.boolean(), waitMs: s.milliseconds, drainMs: s.milliseconds }),
    answer: nothing,
    about:
      'Takes an instance out of traffic, and answers when whoever brings requests by this hub has confirmed, and has none under way there; after 2 s, `waitMs` and `drainMs` at the latest. `stops`: it will not be back.',
  }),
  'traffic.left': () => ({
    params: v.object(instance),
    answer: nothing,
    about: 'An instance that was to leave is gone, or gets requests again.',
  }),
  'traffic.viewers': () => ({
    params: v.object({ addresses: v.array(v.string()) }),
    answer: nothing,
    about:
      'The addresses of those who bring requests by this hub, whenever these are others. A notification.',
  }),
  'traffic.settled': () => ({
    params: v.object({ app: a.app }),
    answer: nothing,
    about:
      'Answers when whoever brings requests by this hub acts by what is stored of an app, after 2 s at the latest.',
  }),
} satisfies Record<string, () => CallRow>;
