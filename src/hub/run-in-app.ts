import type { CheckedClientParams, ClientAnswers } from '../protocol/client-calls.ts';
import { demandRight } from './access/principal.ts';
import type { AppService } from './apps/apps.ts';
import { appEnvironment, planRun } from './apps/run.ts';
import type { ClientSession } from './client-session.ts';
import { execEnded } from './events/called.ts';
import type { EventLog } from './events/event-log.ts';
import type { Processes } from './processes.ts';

/** Runs a command of an app; its end is written to the audit trail too. Throws as `planRun`. */
export async function runInApp(
  client: ClientSession,
  params: CheckedClientParams['app.run'],
  { appService, processes, events }: { appService: AppService; processes: Processes; events: EventLog },
): Promise<ClientAnswers['app.run']> {
  const { drone, commit, env, cwd, app, why } = await planRun(appService, params);
  const { key, repo, command, stdin, terminal } = params;
  const request = { key, repo, commit, command, env, labels: {}, drones: [drone], cwd, stdin, terminal, app };
  const answer = await processes.exec(client, request, (_, id, exit) => {
    const of = { app: app.app, release: app.release, drone, id, command };
    execEnded(events, client.who, { ...of, call: 'app.run' }, exit);
  });
  return { ...answer, commit, why };
}

/** Puts the environment of an app beneath that of a process, if that was asked for. Throws EFORBIDDEN without `exec`. */
export async function withAppEnvironment<
  P extends Pick<CheckedClientParams['spawn'], 'repo' | 'commit' | 'env' | 'appEnv'>,
>({ who }: ClientSession, { appEnv, ...params }: P, service: AppService) {
  if (!appEnv) return params;
  demandRight(who, 'exec');
  const { repo, commit, env } = params;
  return { ...params, env: { ...(await appEnvironment(service, { repo, commit, ...appEnv })), ...env } };
}
