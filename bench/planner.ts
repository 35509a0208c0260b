import { readFileSync } from 'node:fs';
import { parseAppFile } from '../src/app-file/app-file.ts';
import { type AppRecord, NO_CHANGE, newApp, type ReleaseRecord } from '../src/hub/apps/app-record.ts';
import { applied, withNewRelease } from '../src/hub/apps/apply.ts';
import type { Slot } from '../src/hub/apps/converge.ts';
import { decide } from '../src/hub/apps/decide.ts';
import type { Decision } from '../src/hub/apps/decision.ts';
import type { Instance, World } from '../src/hub/apps/world.ts';

// planner.ts ROUNDS: prints the milliseconds of each round, as JSON, for bench/rows/planner.mjs.

const rounds = Number(process.argv[2]);
const toml = '[services.web]\ncommand = "x"\ncount = 10000\nparallel = "25%"\n';
const file = parseAppFile({ toml, procfile: null, stage: null });
const fileOf = () => file;
const drones = Array.from({ length: 1_000 }, (_, at) => ({
  ...{ name: `drone${at}`, isConnected: true, labels: {}, processes: at % 7 },
}));

function begun(app: AppRecord): AppRecord {
  const release: ReleaseRecord = {
    ...{ release: app.last + 1, commit: 'c', subject: '', stage: null, toml, procfile: null, env: {} },
    ...{
      change: NO_CHANGE,
      time: 0,
      liveAt: null,
      restsSince: null,
      restedMs: 0,
      by: '',
      state: 'rolling',
      why: null,
      of: null,
    },
    ...{ canary: null, rebuild: false, strict: false, replaces: app.live, isCancelled: false, keeps: {} },
    ...{ job: null, seq: 0 },
  };
  return withNewRelease(app, release);
}

function worldOf(instances: Instance[]): World {
  const world = {
    prepared: () => 'ready' as const,
    startFailure: () => null,
    job: null,
    newerHubAt: null,
    awayMs: () => 0,
    now: 0,
  };
  return { ...world, drones, instances };
}

function goodOf(release: number, { slot, drone }: Slot): Instance {
  return {
    id: `${slot}v${release}`,
    service: 'web',
    slot,
    drone,
    release,
    port: 20_000,
    state: 'ready',
    why: null,
    restart: null,
    exit: null,
    ageMs: 0,
    isGood: true,
    isLeaving: false,
  };
}

/** Returns the app after what was decided. */
function after(app: AppRecord, { change }: Decision): AppRecord {
  return change ? applied(app, change, { now: 0, newJob: () => ({ key: '', id: '' }) }) : app;
}

const decided = (app: AppRecord, instances: Instance[]) => decide({ app, world: worldOf(instances), fileOf });

const first = begun(newApp('webapp', null));
const placed = after(first, decided(first, []));
const slots = Object.entries(placed.placement['web'] ?? {}).map(([slot, drone]) => ({
  slot: Number(slot),
  drone,
}));
const old = slots.map((slot) => goodOf(1, slot));
const live = after(placed, decided(placed, old));
const next = begun(live);
const half = slots.map((slot) => goodOf(slot.slot % 2 === 0 ? 1 : 2, slot));

/** Nanoseconds that this thread has had a processor, whatever else the machine does; see proc(5). */
const processorTime = () => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]);

/** As the hub does it: each time, the world is another one. */
function time(app: AppRecord, instances: readonly Instance[]): { elapsed: number; processor: number }[] {
  return Array.from({ length: rounds }, () => {
    const now = [...instances];
    const [from, busy] = [performance.now(), processorTime()];
    decided(app, now);
    const until = processorTime();
    return { elapsed: performance.now() - from, processor: (until - busy) / 1e6 };
  });
}

const took = { first: time(first, []), replacing: time(next, half), nothing: time(live, old) };
if (
  live.live !== 1 ||
  decided(live, old).commands.length > 0 ||
  decided(next, half).commands.length !== 2_500
)
  throw new Error('the planner was measured in another state than was meant');
process.stdout.write(JSON.stringify(took));
