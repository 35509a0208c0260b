import type { AppEvent, AppStatus, EnvironmentChange, ServiceCount } from './apps.ts';
import { commandLine } from './names.ts';

/** A line about a release; the last one is its result. */
export interface ReleaseLine {
  text: string;
  isResult: boolean;
}

type Of<T extends AppEvent['type']> = Extract<AppEvent, { type: T }>;

/** How a release, or what was asked of a live one, ends. */
const RESULTS = new Set(['live', 'canary', 'failed', 'cancelled', 'stopped', 'scaled']);
const GOOD_RESULTS = new Set(['live', 'canary', 'stopped', 'scaled']);

/** Returns true if nothing more comes of a release after this state. */
export function isResult(state: string): boolean {
  return RESULTS.has(state);
}

/** Returns true if a release that ends so did what it was meant to. */
export function isGoodResult({ state, why }: { state: string; why: string | null }): boolean {
  return GOOD_RESULTS.has(state) && (state !== 'scaled' || why === null);
}

/** Turns the events of an app into the lines that people read about one of its releases, in columns. */
export class ReleaseText {
  private isRepeated = false;
  private labelWidth = 8;
  private placeWidth = 11;
  /** What was said of instances: a hub that was started anew repeats what it cannot know to be told. */
  private readonly said = new Set<string>();

  lines(event: AppEvent): ReleaseLine[] {
    switch (event.type) {
      case 'release':
        return this.release(event);
      case 'build':
        return this.build(event);
      case 'job':
        return this.job(event);
      case 'instance':
        return this.instance(event);
    }
  }

  private release(event: Of<'release'>): ReleaseLine[] {
    const labels = Object.entries(event.services).map(([name, { count }]) => `${name}.${count}`.length);
    this.labelWidth = Math.max(this.labelWidth, ...labels);
    this.isRepeated = event.of !== null;
    if (event.state === 'building') return [heading(event), ...event.notes].map(line);
    if (isResult(event.state)) return [{ text: result(event), isResult: true }];
    return event.notes.map(line);
  }

  private build({ drones, done, failed, elapsed, tail }: Of<'build'>): ReleaseLine[] {
    // Everything is still there.
    if (this.isRepeated && done === drones.length) return [];
    this.placeWidth = Math.max(this.placeWidth, ...drones.map((name) => name.length + 7));
    const place = drones.join(' ').padEnd(this.placeWidth + 10);
    const failures = Object.entries(failed).map(([drone, why]) => `  [${drone}] ${why}`);
    const count = `${done}/${drones.length}`.padEnd(7);
    // The log is that of the first drone that has failed.
    const [first = ''] = Object.keys(failed);
    const log = tail.map((text) => `  [${first}] ${text}`);
    return [`${this.label('deploy')}${place}${count}${seconds(elapsed)}`, ...failures, ...log].map(line);
  }

  private job({ drone, id, state, why, command, elapsed, tail }: Of<'job'>): ReleaseLine[] {
    if (state === 'running') return [];
    const place = `${drone}#${id}`.padEnd(this.placeWidth + 10);
    const outcome = state === 'ok' ? 'ok'.padEnd(7) : `${why ?? 'failed'}  `;
    const text = `${this.label('release')}${place}${outcome}${seconds(elapsed)}  ${commandLine(command)}`;
    return [text, ...prefixed(drone, id, tail)].map(line);
  }

  private instance(event: Of<'instance'>): ReleaseLine[] {
    const { service, slot, drone, id, port, state, why, elapsed, tail } = event;
    const place = `${drone}#${id}`.padEnd(this.placeWidth + 2);
    const at = (port === null ? '' : `:${port}`).padEnd(8);
    const start = `${this.label(`${service}.${slot}`)}${place}${at}`;
    const isNew = !this.said.has(`${id} ${state}`);
    this.said.add(`${id} ${state}`);
    if (!isNew) return [];
    if (state === 'ready' || state === 'up') return [line(`${start}${state.padEnd(7)}${seconds(elapsed)}`)];
    if (state !== 'failed') return [];
    return [`${start}${why ?? 'failed'}`, ...prefixed(drone, id, tail)].map(line);
  }

  private label(text: string): string {
    return `${text.padEnd(this.labelWidth)}  `;
  }
}

/** `v3 webapp 77ab01c Broken  by secret, replaces v2 9f3c2e1`. */
export function heading(
  begun: Pick<Of<'release'>, 'app' | 'release' | 'commit' | 'subject' | 'by' | 'of' | 'replaces' | 'env'>,
): string {
  const { app, release, commit, subject, by, of, replaces, env } = begun;
  const what = `v${release} ${app} ${commit.slice(0, 7)} ${subject}`.trimEnd();
  const again = of === null ? [] : [`v${of} again`];
  const before = replaces ? [`replaces v${replaces.release} ${replaces.commit.slice(0, 7)}`] : [];
  const changes = environmentText(env);
  return `${what}  by ${[by, ...again, ...before].join(', ')}${changes === '' ? '' : `  env: ${changes}`}`;
}

/** `+DATABASE_URL ~LOG -FLAG`; empty if nothing has changed. */
export function environmentText({ set, changed, unset }: EnvironmentChange): string {
  const isOld = new Set(changed);
  const given = set.map((name) => `${isOld.has(name) ? '~' : '+'}${name}`);
  return [...given, ...unset.map((name) => `-${name}`)].join(' ');
}

/** `web 4/4  worker 1/1`. */
export function countsText(services: Record<string, ServiceCount>): string {
  return Object.entries(services)
    .map(([name, { ready, count }]) => `${name} ${ready}/${count}`)
    .join('  ');
}

/** `v42 is live already  web 4/4`. */
export function liveText({ release, services }: Pick<AppStatus, 'release' | 'services'>): string {
  const counts = Object.entries(services).map(
    ([name, { ready, instances }]) => [name, { ready, count: instances.length }] as const,
  );
  return `v${release} is live already  ${countsText(Object.fromEntries(counts))}`;
}

/** `v43 canary  web 4/4 v42, 1 v43; fleet promote or fleet rollback`. */
export function canaryText(canary: Canary): string {
  return `v${canary.release} canary  ${canaryCounts(canary)}; fleet promote or fleet rollback`;
}

type Canary = Pick<Of<'release'>, 'release' | 'replaces' | 'services'>;

/** `web 4/4 v42, 1 v43`. */
export function canaryCounts({ release, replaces, services }: Canary): string {
  const counts = Object.entries(services).map(([name, { ready, count, canary = 0 }]) => {
    const before = replaces === null ? '' : `${ready}/${count} v${replaces.release}, `;
    return canary === 0 ? `${name} ${ready}/${count}` : `${name} ${before}${canary} v${release}`;
  });
  return counts.join('  ');
}

/** `web 4/4 (fleet.toml: 1)`. */
export function scaledText(services: Record<string, ServiceCount>): string {
  return Object.entries(services)
    .map(([name, { ready, count, file }]) => {
      return `${name} ${ready}/${count}${file === undefined ? '' : ` (fleet.toml: ${file})`}`;
    })
    .join('  ');
}

function result(event: Of<'release'>): string {
  const { release, state, why, services, replaces, elapsed, lost = [] } = event;
  const counts = countsText(services);
  const note = lost.length === 0 ? '' : ` (${lost.join(' ')} lost)`;
  switch (state) {
    case 'live':
      return `v${release} live  ${counts}${note}  ${seconds(elapsed)}`;
    case 'canary':
      return canaryText(event);
    case 'scaled':
      return `v${release} scaled  ${scaledText(services)}${why === null ? '' : `  ${why}`}`;
    case 'stopped':
      return `v${release} stopped`;
    default: {
      const reason = why === null ? '' : `  ${why}`;
      const serving = replaces ? `; v${replaces.release} serves on  ${counts}` : '';
      return `v${release} ${state}${reason}${serving}${note}`;
    }
  }
}

const prefixed = (drone: string, id: string, lines: string[]) =>
  lines.map((text) => `  [${drone}#${id}] ${text}`);

const seconds = (elapsed: number) => `${elapsed.toFixed(1)}s`;

function line(text: string): ReleaseLine {
  return { text, isResult: false };
}
