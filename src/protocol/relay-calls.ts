import * as v from 'valibot';
import * as a from './app-words.ts';
import type { CallRow } from './call-table.ts';
import * as f from './fetch-words.ts';
import * as l from './log-words.ts';
import * as m from './machine-words.ts';
import { processReport } from './process-words.ts';
import * as t from './traffic-words.ts';
import * as s from './words.ts';

const nothing = v.null();
/** A number that the hub has given to the connection of a drone. */
const drone = s.count;
const method = v.pipe(v.string(), v.maxLength(50), v.title('call'));
const anything = v.pipe(v.unknown(), v.title('JSON'));

/** A drone that is connected to the hub that says so. */
const joined = v.pipe(
  v.object({
    identity: s.key,
    name: s.name,
    version: s.version,
    features: s.features,
    /** How long ago it was connected. */
    age: s.milliseconds,
    /** Random, of this connection. */
    key: v.exactOptional(s.key),
    by: v.nullable(s.shortText),
    start: v.nullable(s.key),
    labels: s.labels,
    address: v.nullable(t.address),
    processes: v.pipe(v.array(processReport), v.maxLength(100_000)),
    jobs: v.pipe(v.array(a.jobReport), v.maxLength(10_000)),
    lags: f.lags,
    fences: a.fences,
    machine: v.nullable(v.object(m.machine)),
  }),
  v.title('drone'),
);

/** What has become of one drone: it is `joined`, `lost`, or has reported something, which takes some bytes of the body. */
const news = v.pipe(
  v.object({
    drone,
    joined: v.exactOptional(joined),
    lost: v.exactOptional(s.error),
    report: v.exactOptional(v.object({ method, params: anything, bytes: s.bytes })),
  }),
  v.title('news'),
);

/** What hubs tell each other of the drones that are connected to them, and have these do. */
export const RELAY_CALLS = {
  'drones.tell': () => ({
    params: v.object({ news: v.array(news) }),
    answer: nothing,
    about:
      'All drones that are connected to the hub, once there is a link, and from then on what becomes of each, and what it reports (a call of those from drones), in order. The bodies of the reports are one after the other in the body. A notification.',
  }),
  'drones.told': () => ({
    params: v.object({}),
    answer: nothing,
    about: 'Answers when all was told that the drones of this hub have reported before.',
  }),
  'drones.again': () => ({
    params: v.object({ drone }),
    answer: nothing,
    about: 'Tell anew that a drone is `joined`, if it still is. A notification.',
  }),
  'drone.order': () => ({
    params: v.object({ drone, method, params: anything, timeout: s.milliseconds }),
    answer: v.object({ result: anything }),
    about:
      'An order to a drone that is connected to the other hub, with its body; what the drone answers is the answer. 0 is no timeout.',
  }),
  'drone.inform': () => ({
    params: v.object({ drone, method, params: anything }),
    answer: nothing,
    about: 'An order that has no answer. A notification.',
  }),
  'drone.watch': () => ({
    params: v.object({ watched: v.array(v.object({ drones: v.array(drone), interest: l.interest })) }),
    answer: nothing,
    about: 'Whose output this hub wants from now on, of some drones. A notification.',
  }),
  'drone.end': () => ({
    params: v.object({ drone, reason: s.shortText }),
    answer: nothing,
    about: 'The drone has broken a rule: end its connection. A notification.',
  }),
} satisfies Record<string, () => CallRow>;
