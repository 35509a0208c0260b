import type { APP_CALLS } from '../../protocol/app-calls.ts';
import { appName } from '../../protocol/app-names.ts';
import type { Handlers } from '../../rpc/calls.ts';
import { demandRepo } from '../access/principal.ts';
import type { ClientSession } from '../client-session.ts';
import { releaseOf } from './app-record.ts';
import { readVariable, scale, setMaintenance, setVariables, variablesOf } from './app-settings.ts';
import type { AppService, Named } from './apps.ts';
import type { Begun } from './begin.ts';
import { planDown, planPromote, planRollback, planScale } from './plans.ts';
import { infoOf } from './release-info.ts';
import { requestOf } from './requests.ts';
import { down, promote, restart, rollback } from './rollback.ts';
import { servingDrones, statusOf } from './status.ts';
import { build, planUp, up } from './up.ts';

/** Returns the handlers of a client's calls about apps: each is checked for the repository that it is about. */
export function appHandlers(
  service: AppService,
  { who, gone }: Pick<ClientSession, 'who' | 'gone'>,
): Omit<Handlers<typeof APP_CALLS>, 'app.run' | 'app.forget'> {
  const { apps, parts, leader } = service;
  let isThere = true;
  void gone.then(() => {
    isThere = false;
  });
  const isWanted = () => isThere && who.isValid();
  const allowed = <P extends Named, R>(act: (params: P) => R) => {
    return (params: P): R => {
      demandRepo(who, params.repo);
      return act({ ...params, isWanted });
    };
  };
  /** Answers what was carried out before as it was then, also if it comes while that is being done. */
  const once = <P extends Named & { key?: string }, R>(act: (params: P) => Promise<R>) =>
    allowed(async (params: P): Promise<R | Begun> => {
      const done = () => doneBefore(service, params);
      try {
        return done() ?? (await act(params));
      } catch (error) {
        const begun = done();
        if (begun) return begun;
        throw error;
      }
    });
  return {
    'app.up': once((params) => up(service, params, who.name)),
    'app.plan': allowed((params) => planUp(service, params, who.name)),
    'app.rollback.plan': allowed((params) => planRollback(service, params, who.name)),
    'app.promote.plan': allowed((params) => planPromote(service, params)),
    'app.down.plan': allowed((params) => planDown(service, params)),
    'app.scale.plan': allowed((params) => planScale(service, params)),
    'app.build': allowed((params) => build(service, params)),
    'app.rollback': once((params) => rollback(service, params, who.name)),
    'app.promote': once((params) => promote(service, params)),
    'app.down': once((params) => down(service, params)),
    'app.restart': once((params) => restart(service, params, who.name)),
    'app.scale': allowed((params) => scale(service, params)),
    'app.maintenance': allowed((params) => ({ page: apps.get(params).app.maintenance })),
    'app.maintenance.set': allowed((params) => setMaintenance(service, params)),
    'app.attach': allowed((params) => {
      const release = apps.find(params)?.underWay;
      if (!release) return null;
      const app = appName(params);
      return { app, release: release.release, seq: leader.seqBefore(app, release) };
    }),
    'app.status': allowed(async (params) => {
      await apps.ready;
      const { app, world } = apps.get(params);
      const status = statusOf(app, world, parts.fileOf, parts.directory);
      const unreached = servingDrones(status).filter((name) => parts.traffic.isUnreached(name));
      return { ...status, unreached };
    }),
    'app.releases': allowed(({ count, ...named }) => {
      const { app } = apps.get(named);
      return {
        releases: app.releases
          .slice(Math.max(0, app.releases.length - count))
          .reverse()
          .map((one) => infoOf(app, one)),
      };
    }),
    'app.env.set': once((params) => setVariables(service, params, who.name)),
    'app.env.list': allowed((params) => ({ variables: variablesOf(apps.find(params)?.app) })),
    'app.env.get': allowed(({ name, ...named }) => ({
      value: readVariable(service, apps.find(named)?.app, name),
    })),
  };
}

/** Returns what a call was answered that has the same key. */
function doneBefore({ apps, parts, leader }: AppService, named: Named & { key?: string }): Begun | null {
  const app = apps.find(named)?.app;
  const request = requestOf(app, named.key);
  const release = request && app ? releaseOf(app, request.release) : null;
  if (!request || !release) return null;
  const name = appName(named);
  const seq = request.isNew ? leader.seqBefore(name, release) : parts.lastEvent();
  return { app: name, release: release.release, seq, again: true };
}
