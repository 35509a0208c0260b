import { DEPLOY } from './deploy-keys.ts';
import { asText, choice, either, type Kind, mapped, text, whole } from './kinds.ts';
import type { Place } from './place.ts';
import { type Given, key, preset, table } from './tables.ts';
import { COMMAND, ENV, HOSTS, ON, PATH, PERCENT, SIGNAL, SIZE, SPAN, TIME } from './values.ts';

const MAX_INSTANCES = 10_000;

export const HEALTH = table({
  path: key(
    text('a path such as "/up"', /^\/[!-"$-~]*$/, (wrong) => `/${wrong}`),
    'A `GET` of this path must be answered with 200 to 399.',
  ),
  command: key(COMMAND, 'A command that must exit with 0, in the checkout.'),
  interval: preset(SPAN, '2s', 'The time between two checks once it was ready.'),
  timeout: preset(SPAN, '5s', 'How long a check may take.'),
  within: preset(SPAN, '30s', 'How long it may take until the first check passes.'),
  stable: preset(TIME, '5s', 'How long a service that is not served must run until it is up.'),
  'restart-after': key(SPAN, 'It is restarted when checks have failed for so long; never by default.'),
});

const UNHEALTHY: Kind<false> = {
  what: 'false',
  schema: { const: false },
  read(value, place) {
    if (value === false) return false;
    throw place.mustBe('false, a path, or a table', value);
  },
};

/** Both in one table are a mistake; in a section for stages, one takes the place of the other. */
function withOneCheck(given: Given<typeof HEALTH.keys>, place: Place): Given<typeof HEALTH.keys> {
  const { path, command } = given;
  if (path !== undefined && command !== undefined) {
    throw place.key('command').error('stands beside path; a service has one check, so leave out one of them');
  }
  if (path !== undefined) return { ...given, command: undefined };
  return command === undefined ? given : { ...given, path: undefined };
}

export const STOP = table({
  signal: preset(SIGNAL, 'SIGTERM', 'The signal that asks it to end.'),
  grace: preset(TIME, '30s', 'The time until SIGKILL.'),
  wait: preset(TIME, '0s', 'The time before the signal, for balancers that only poll.'),
});

export const MAX_RESTARTS = table({
  count: preset(whole(1, MAX_INSTANCES), 20, 'How many restarts are too many.'),
  within: preset(SPAN, '1h', 'In which time.'),
});

/** The keys of tables that are easily written beside them. */
function elsewhere(name: string): string | undefined {
  if (Object.hasOwn(HEALTH.keys, name)) return `health.${name}`;
  if (Object.hasOwn(STOP.keys, name)) return `stop.${name}`;
  return Object.hasOwn(DEPLOY.keys, name) ? `deploy.${name}` : undefined;
}

export const SERVICE = table(
  {
    command: key(
      COMMAND,
      'The command. Without shell syntax it is run as it is, else by `sh -c`; a list is taken as it is.',
    ),
    count: preset(
      either<number | 'each'>(`a whole number from 0 to ${MAX_INSTANCES}, or "each"`, {
        number: whole(0, MAX_INSTANCES),
        string: {
          ...choice('each'),
          read(value, place) {
            if (value === 'each') return value;
            const meant = /^\d+$/.test(asText(value)) ? Number(value) : undefined;
            throw place.mustBe(`a whole number from 0 to ${MAX_INSTANCES}, or "each"`, value, meant);
          },
        },
      }),
      1,
      'How many instances there are; `"each"` is one on every drone that `on` matches.',
    ),
    on: key(
      ON,
      'Where it runs, any of: the name of a drone, in which `*` is anything, or `KEY=VALUE` of a label; `"role=web,zone=a"` for all of these.',
    ),
    health: key(
      either<false | Given<typeof HEALTH.keys>>('false, a path, or a table', {
        boolean: UNHEALTHY,
        string: mapped(HEALTH.keys.path.kind, (path) => ({ path, command: undefined })),
        table: mapped(HEALTH, withOneCheck),
      }),
      'How it is known to be ready: a path, or a table. By default its port accepts connections. `false`: it is not served.',
    ),
    host: key(
      HOSTS,
      'The hosts and paths whose requests `fleet proxy` sends to it. `{app}` is the name of the stage, else of the repository.',
    ),
    port: key(
      whole(1, 65_535),
      'A fixed port: one instance for each drone, stop-first. By default each instance gets its own `$PORT`.',
    ),
    parallel: preset(
      either('a whole number, or a percentage such as "25%"', {
        number: whole(1, MAX_INSTANCES),
        string: PERCENT,
      }),
      1,
      'How many are replaced at a time; a percentage is of what should be there, rounded down, 1 at least.',
    ),
    order: key(
      choice('start-first', 'stop-first'),
      'Whether the new instance starts before the old one stops; `"stop-first"` for what must not run twice. `"start-first"` by default, `"stop-first"` with `port`.',
    ),
    drain: preset(TIME, '10s', 'How long requests under way may hold up the stop.'),
    stop: preset(STOP, {}, 'How it is stopped.'),
    memory: key(
      SIZE,
      'It is restarted if it has more than this for 10 s, with everything that it has started. What several of these processes share counts for each.',
    ),
    'max-restarts': key(
      MAX_RESTARTS,
      'After so many restarts it is given up, until `fleet restart`; never by default.',
    ),
    dir: key(PATH, 'The directory that it runs in, inside the checkout.'),
    reschedule: key(
      SPAN,
      'For `start-first`: if its drone is lost for so long, it starts elsewhere, and stops there when the drone is back. Only the time counts during which this hub runs, and no more than half of the drones are lost. Never by default.',
    ),
    env: preset(ENV, {}, 'Its variables, beside those of `[env]`.'),
  },
  elsewhere,
);
