import { appName } from '../../protocol/app-names.ts';
import type { CheckedClientParams, ClientAnswers } from '../../protocol/client-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import { environmentChange, sealedEnvironment } from './app-environment.ts';
import { type AppRecord, releaseOf } from './app-record.ts';
import { type AppService, type Begun, busy } from './apps.ts';
import { withinOf } from './failure.ts';
import { mustBeServices } from './known-service.ts';

/** Sets how many instances services have; a release that is under way takes it up. Throws EUSAGE for a service that there is not, EBUSY during a canary. */
export function scale({ apps, parts }: AppService, params: CheckedClientParams['app.scale']): Begun {
  const conductor = apps.get(params);
  const { app, underWay } = conductor;
  if (underWay?.state === 'canary') throw busy(conductor, underWay);
  const live = releaseOf(app, app.live);
  if (!live) throw new FleetError('ENORELEASE', `${appName(app)} is not up; fleet up starts it`);
  const file = parts.fileOf(live);
  mustBeServices(Object.keys(params.scale), file, appName(app));
  const next = { ...app.scale };
  for (const [service, count] of Object.entries(params.scale)) {
    if (count === null) delete next[service];
    else next[service] = count;
  }
  const seq = parts.lastEvent();
  conductor.change({ scale: next });
  const withinMs = Math.max(0, ...file.services.map(withinOf));
  const scaled = () => ({ ...(releaseOf(app, app.live) ?? live), state: 'scaled' as const });
  conductor.telling.whenSettled(scaled, withinMs, Object.keys(params.scale));
  return { app: appName(app), release: (underWay ?? live).release, seq };
}

/** Sets with what proxies answer for an app, and resolves when they do. Throws EUSAGE if there is no such app. */
export async function setMaintenance(
  { apps, parts }: AppService,
  params: CheckedClientParams['app.maintenance.set'],
): Promise<null> {
  apps.get(params).change({ maintenance: params.page });
  await parts.traffic.settled();
  return null;
}

/** Sets and unsets variables, and begins the release that brings them to the app's processes, if there is one. */
export async function setVariables(
  { apps, parts }: AppService,
  params: CheckedClientParams['app.env.set'],
  by: string,
): Promise<Begun | null> {
  const conductor = await apps.take(params, params.wait);
  const env = { ...conductor.app.env };
  const missing = params.unset.find((name) => !Object.hasOwn(env, name));
  if (missing !== undefined)
    throw new FleetError('ENORELEASE', `${missing} is not set; fleet env ls shows what is`);
  for (const name of params.unset) delete env[name];
  const time = Date.now();
  for (const [name, value] of Object.entries(params.env))
    env[name] = { sealed: parts.vault.seal(value), time, by };
  conductor.change({ env });
  const { app } = conductor;
  const live = releaseOf(app, app.live);
  if (!live || !params.roll) return null;
  const change = environmentChange(live.env, sealedEnvironment(app), (one) => parts.vault.open(one));
  if (change.set.length + change.unset.length === 0) return null;
  const { commit, subject, stage, toml, procfile } = live;
  return apps.begin(conductor, {
    ...{ commit, subject, stage, toml, procfile, env: sealedEnvironment(app), by, change },
    ...{ of: null, canary: null, rebuild: false, strict: false },
  });
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
