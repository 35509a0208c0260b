import { appName } from '../../protocol/app-names.ts';
import type { EnvironmentChange } from '../../protocol/apps.ts';
import type { CheckedClientParams, ClientAnswers } from '../../protocol/client-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import { environmentChange, sealedEnvironment } from './app-environment.ts';
import { type AppRecord, type ReleaseRecord, releaseOf } from './app-record.ts';
import type { AppService } from './apps.ts';
import { type Begun, begin } from './begin.ts';
import { busy } from './busy.ts';
import type { Conductor } from './conductor.ts';
import { withinOf } from './failure.ts';
import { mustBeServices } from './known-service.ts';
import type { AppParts } from './parts.ts';
import { requestOf, withRequest } from './requests.ts';

/** Sets how many instances services have; a release that is under way takes it up. Throws ENORELEASE for a service that there is not, EBUSY during a canary. */
export async function scale(
  { apps, parts }: AppService,
  params: CheckedClientParams['app.scale'],
): Promise<Begun & { within: number }> {
  const conductor = apps.get(params);
  const { release, seq, within } = await conductor.change((app) => {
    const { telling, underWay } = conductor;
    const { live, next } = scaled(parts, conductor, params.scale);
    const within = Math.max(0, ...parts.fileOf(live).services.map(withinOf));
    const after = () => ({ ...(releaseOf(app, app.live) ?? live), state: 'scaled' as const });
    return {
      next,
      stored: () => telling.whenSettled(after, within, Object.keys(params.scale)),
      ...{ release: (underWay ?? live).release, seq: parts.lastEvent() },
      within,
    };
  });
  return { app: appName(conductor.app), release, seq, within };
}

/** Returns what is live, and what becomes of the app by these counts. Throws as {@link scale} does. */
export function scaled(
  { fileOf }: Pick<AppParts, 'fileOf'>,
  conductor: Conductor,
  counts: CheckedClientParams['app.scale']['scale'],
): { live: ReleaseRecord; next: Pick<AppRecord, 'scale'> } {
  const { app, underWay } = conductor;
  if (underWay?.state === 'canary') throw busy(conductor, underWay);
  const live = releaseOf(app, app.live);
  if (!live) throw new FleetError('ENORELEASE', `${appName(app)} is not up; fleet up starts it`);
  mustBeServices(Object.keys(counts), fileOf(live), appName(app));
  return { live, next: { scale: withScale(app.scale, counts) } };
}

/** Returns how many instances services have with these counts; null is what fleet.toml says. */
function withScale(
  before: Readonly<Record<string, number>>,
  counts: CheckedClientParams['app.scale']['scale'],
): Record<string, number> {
  const next = { ...before };
  for (const [service, count] of Object.entries(counts)) {
    if (count === null) delete next[service];
    else next[service] = count;
  }
  return next;
}

/** Sets with what proxies answer for an app, and resolves when they do. Throws ENORELEASE if there is no such app. */
export async function setMaintenance(
  { apps, parts }: AppService,
  params: CheckedClientParams['app.maintenance.set'],
): Promise<null> {
  await apps.get(params).change(() => ({ next: { maintenance: params.page } }));
  await parts.traffic.settled(appName(params));
  return null;
}

/** Sets and unsets variables, and begins the release that brings them to the app's processes, if there is one. */
export async function setVariables(
  { apps, parts }: AppService,
  params: CheckedClientParams['app.env.set'],
  by: string,
): Promise<Begun | null> {
  const conductor = await apps.take(params, params.wait);
  const time = Date.now();
  const set = Object.entries(params.env).map(
    ([name, value]) => [name, { sealed: parts.vault.seal(value), time, by }] as const,
  );
  await conductor.change((app) => {
    const { env } = app;
    if (requestOf(app, params.key)) return null;
    const missing = params.unset.find((name) => !Object.hasOwn(env, name));
    if (missing !== undefined)
      throw new FleetError('ENORELEASE', `${missing} is not set; fleet env ls shows what is`);
    const kept = Object.entries(env).filter(([name]) => !params.unset.includes(name));
    const next = { env: Object.fromEntries([...kept, ...set]) };
    return { next: withRequest(app, next, { key: params.key, release: null, isNew: false }) };
  });
  const live = releaseOf(conductor.app, conductor.app.live);
  if (!live || !params.roll || !differs(changeOf(parts, conductor.app, live))) return null;
  const make = (app: AppRecord) => {
    const now = releaseOf(app, app.live) ?? live;
    const { commit, subject, stage, toml, procfile } = now;
    return {
      ...{ commit, subject, stage, toml, procfile, env: sealedEnvironment(app), by },
      ...{ of: null, canary: null, rebuild: false, strict: false, change: changeOf(parts, app, now) },
    };
  };
  return begin(parts, conductor, make, params.key);
}

function changeOf({ vault }: AppParts, app: AppRecord, live: ReleaseRecord): EnvironmentChange {
  return environmentChange(live.env, sealedEnvironment(app), (one) => vault.open(one));
}

function differs({ set, unset }: EnvironmentChange): boolean {
  return set.length + unset.length > 0;
}

/** Returns the names of an app's variables, and who has set them when. */
export function variablesOf(app: AppRecord | undefined): ClientAnswers['app.env.list']['variables'] {
  return Object.entries(app?.env ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { time, by }]) => ({ name, time: new Date(time).toISOString(), by }));
}

/** Returns the value of a variable; null if the app has none of this name. Throws ECONFIG. */
export function readVariable({ parts }: AppService, app: AppRecord | undefined, name: string): string | null {
  const sealed = app && Object.hasOwn(app.env, name) ? app.env[name]?.sealed : undefined;
  return sealed === undefined ? null : parts.vault.open(sealed);
}
