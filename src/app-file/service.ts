import { closest } from '../system/closest.ts';
import type { Place } from './place.ts';
import { HEALTH, MAX_RESTARTS, SERVICE, STOP } from './service-keys.ts';
import { type Filled, fill, type Given } from './tables.ts';
import type { Health, Service } from './types.ts';

/**
 * Returns a service with its defaults. `others` are the names of the app's other services. Throws ECONFIG if its keys
 * contradict one another.
 */
export function toService(
  name: string,
  given: Given<typeof SERVICE.keys>,
  place: Place,
  others: string[],
): Service {
  const all = fill(SERVICE, given, place);
  const { command, port, health, memory, dir, env } = all;
  if (command === null) throw place.error(withoutCommand(name, others));
  checkOrder(given, place);
  const checks = fill(HEALTH, health || {}, place.key('health'));
  const served = isServed(name, given, place);
  const stop = fill(STOP, all.stop, place.key('stop'));
  return {
    name,
    at: place.at,
    command,
    count: all.count,
    on: all.on ?? [],
    served,
    health: served ? toHealth(checks) : null,
    stableMs: checks.stable,
    host: all.host ?? [],
    port,
    parallel: all.parallel,
    order: all.order ?? (port === null ? 'start-first' : 'stop-first'),
    drainMs: all.drain,
    stop: { signal: stop.signal, graceMs: stop.grace, waitMs: stop.wait },
    memoryBytes: memory,
    maxRestarts: toMaxRestarts(all['max-restarts'], place),
    dir,
    rescheduleMs: all.reschedule,
    env,
  };
}

/** Returns what is wrong with a service that has no command, and what was probably meant. */
export function withoutCommand(name: string, others: readonly string[]): string {
  const meant = closest(name, others);
  if (meant) return `needs a command; did you mean services.${meant}?`;
  return `needs a command; write command = "…", or a line of the Procfile: ${name}: COMMAND`;
}

function checkOrder({ port, order, reschedule }: Given<typeof SERVICE.keys>, place: Place): void {
  if (port !== undefined && order === 'start-first') {
    throw place
      .key('order')
      .error(`cannot be "start-first" with port = ${port}, which only one can have; leave out one of them`);
  }
  if (reschedule !== undefined && (port !== undefined || order === 'stop-first')) {
    const why = port === undefined ? 'order = "stop-first"' : `port = ${port}, which makes it stop-first`;
    throw place.key('reschedule').error(`is for start-first only, and there is ${why}`);
  }
}

/** A health table with nothing but `stable` is for services that are not served. */
function isServed(name: string, { host, port, health }: Given<typeof SERVICE.keys>, place: Place): boolean {
  if (health === false) {
    if (host) throw place.key('host').error('is for what is served, and health = false says that it is not');
    return false;
  }
  const isChecked = Object.keys(health ?? {}).some((key) => key !== 'stable');
  return isChecked || host !== undefined || port !== undefined || name === 'web';
}

type HealthKeys = Filled<typeof HEALTH.keys>;

/** How a service is checked: by what the app says, else by connecting to it. */
function checkOf({ path, command }: HealthKeys): Health['check'] {
  if (path !== null) return { type: 'path', path };
  return command !== null ? { type: 'command', command } : { type: 'connection' };
}

function toHealth(checks: HealthKeys): Health {
  return {
    check: checkOf(checks),
    intervalMs: checks.interval,
    timeoutMs: checks.timeout,
    withinMs: checks.within,
    restartAfterMs: checks['restart-after'],
  };
}

function toMaxRestarts(given: Given<typeof MAX_RESTARTS.keys> | null, place: Place): Service['maxRestarts'] {
  if (given === null) return null;
  const { count, within } = fill(MAX_RESTARTS, given, place.key('max-restarts'));
  return { count, withinMs: within };
}
