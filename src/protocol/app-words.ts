import * as v from 'valibot';
import { isStage, parseAppName } from './app-names.ts';
import { MAX_FENCE } from './fence.ts';
import { MAX_PAGE_BYTES } from './limits.ts';
import { list } from './list.ts';
import { record } from './record.ts';
import * as s from './words.ts';

// The words of apps, releases and instances; see words.ts.

export const app = v.pipe(
  v.string(),
  v.maxLength(150),
  v.check((text) => parseAppName(text) !== null, 'is not an app'),
  v.title('app'),
);
export const stage = v.pipe(v.string(), v.check(isStage, 'is not a stage'), v.title('stage'));
export const service = v.pipe(
  v.string(),
  v.regex(/^(?!__proto__$)[A-Za-z0-9_-]{1,30}$/, 'is not a service'),
  v.title('service'),
);
/** From 1. */
export const slot = v.pipe(s.count, v.minValue(1), v.maxValue(100_000), v.title('slot'));
/** From 1. */
export const release = v.pipe(s.count, v.minValue(1), v.title('release'));
export const port = v.pipe(s.count, v.minValue(1), v.maxValue(65_535), v.title('port'));
const state = v.pipe(v.string(), v.regex(/^[a-z][a-z-]{0,30}$/, 'is not a state'), v.title('state'));
const user = v.nullable(v.pipe(v.string(), v.regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'is not a user')));

const fenceNumber = v.pipe(s.count, v.maxValue(MAX_FENCE), v.title('count'));
const fenceParts = { created: fenceNumber, count: fenceNumber, mark: v.exactOptional(s.key) };
export const fence = v.pipe(v.object(fenceParts), v.title('fence'));
/** That of an order about an app. */
export const orderFence = v.pipe(v.object({ app, ...fenceParts }), v.title('fence of an app'));
/** The highest that a drone has taken orders with, by app. */
export const fences = record(app, fence);

const healthCheck = v.object({
  path: v.nullable(s.path),
  host: v.pipe(v.string(), v.maxLength(300)),
  command: v.nullable(s.command),
  intervalMs: s.milliseconds,
  timeoutMs: s.milliseconds,
  /** Hubs that do not say it mean what is the default in fleet.toml. */
  withinMs: v.optional(s.milliseconds, 30_000),
  restartAfterMs: v.nullable(s.milliseconds),
});

export const instanceSpec = v.pipe(
  v.object({
    app,
    service,
    slot,
    release,
    served: v.boolean(),
    port: v.nullable(port),
    health: v.nullable(healthCheck),
    stableMs: s.milliseconds,
    stopSignal: v.pipe(v.string(), v.regex(/^SIG[A-Z0-9]{2,12}$/)),
    graceMs: s.grace,
    memoryBytes: v.nullable(s.bytes),
    maxRestarts: v.nullable(v.object({ count: s.count, withinMs: s.milliseconds })),
    dir: v.nullable(s.path),
    user,
  }),
  v.title('instance'),
);

export const instanceReport = v.pipe(
  v.object({
    ...{ app, service, slot, release, port: v.nullable(port), state, why: v.nullable(s.shortText) },
    restart: v.exactOptional(s.shortText),
  }),
  v.title('instance report'),
);

export const preparation = {
  app,
  repo: s.name,
  commit: s.commit,
  build: v.nullable(s.command),
  buildTimeoutMs: s.milliseconds,
  cache: list(s.path, 1000),
  shared: list(v.object({ path: s.path, directory: v.boolean() }), 1000),
  env: s.env,
  user,
  rebuild: v.optional(v.boolean(), false),
};

export const jobSpec = {
  id: s.id,
  key: s.key,
  app,
  repo: s.name,
  commit: s.commit,
  release,
  command: s.command,
  env: s.env,
  timeoutMs: s.milliseconds,
  user,
};

/** What makes an exec one of an app: whose environment, user and checkout it has. */
export const execApp = v.pipe(
  v.object({ app, release: v.nullable(release), user, prepared: v.boolean() }),
  v.title('app of an exec'),
);

export const jobReport = v.pipe(
  v.object({
    id: s.id,
    key: s.key,
    app,
    state,
    why: v.nullable(s.shortText),
    elapsedMs: s.milliseconds,
  }),
  v.title('job report'),
);

/** What is answered during maintenance; null if there is none. */
export const page = v.nullable(v.pipe(v.string(), v.maxBytes(MAX_PAGE_BYTES)));

/** The app that a call is about. */
export const ofApp = { repo: s.name, stage: v.optional(v.nullable(stage), null) };
/** How many instances of a service there are to be. */
export const instances = v.pipe(s.count, v.maxValue(10_000));
