import { isStage } from '../protocol/app-names.ts';
import type { AppStatus, ReleaseInfo } from '../protocol/apps.ts';
import { FleetError, fromWire } from '../protocol/errors.ts';
import { isName } from '../protocol/names.ts';
import type { ReleasePlan } from '../protocol/plans.ts';
import { type Followed, followRelease } from './app-events.ts';
import type { AppSelector, AppsClient, RollbackOptions, Underway, UpOptions, Variable } from './app-types.ts';
import { callKeyed } from './call-keyed.ts';
import { resolveRepo, withCommit } from './deploy.ts';
import type { Link } from './link.ts';

const NO_PLANS = 'cannot say what that would do';

/** What a hub answers that has begun something. */
interface Begun {
  app: string;
  release: number;
  seq: number;
  again?: boolean;
}

/** Implements {@link AppsClient}, where each method is described. */
export class AppClient implements AppsClient {
  constructor(protected readonly link: Link) {}

  async up(options: UpOptions = {}): Promise<Underway | AppStatus> {
    const { canary = null, rebuild, force, wait } = options;
    const stage = stageOf(options.stage);
    const { answer } = await withCommit(this.link, options, async (release) => {
      const params = { ...release, stage, canary, rebuild, force, wait };
      return callKeyed(this.link, 'app.up', params);
    });
    const { result } = answer;
    return 'live' in result ? result.live : this.underway({ ...answer, result });
  }

  async plan(options: UpOptions = {}): Promise<ReleasePlan> {
    const { canary = null, rebuild, force } = options;
    const stage = stageOf(options.stage);
    const { answer } = await withCommit(this.link, options, async (release) => {
      return (await this.link.call('app.plan', { ...release, stage, canary, rebuild, force })).result;
    });
    return answer;
  }

  async build(options: UpOptions = {}) {
    const { rebuild } = options;
    const stage = stageOf(options.stage);
    const { answer, repo, commit } = await withCommit(this.link, options, async (release) => {
      return (await this.link.call('app.build', { ...release, stage, rebuild })).result;
    });
    const drones = Object.entries(answer.drones).map(([name, error]) => [name, error && fromWire(error)]);
    return { repo, commit, absent: answer.absent, drones: Object.fromEntries(drones) };
  }

  async rollback({ release = undefined, keepEnv, wait, ...app }: RollbackOptions = {}): Promise<Underway> {
    const params = { ...(await named(app)), release: release ?? null, keepEnv, wait };
    return this.underway(await callKeyed(this.link, 'app.rollback', params));
  }

  async planRollback({ release, keepEnv, ...app }: RollbackOptions = {}): Promise<ReleasePlan> {
    await this.link.demand('plans', NO_PLANS);
    const params = { ...(await named(app)), release: release ?? null, keepEnv };
    return (await this.link.call('app.rollback.plan', params)).result;
  }

  async promote(app: AppSelector = {}): Promise<Underway> {
    return this.underway(await callKeyed(this.link, 'app.promote', await named(app)));
  }

  async planPromote(app: AppSelector = {}): Promise<ReleasePlan> {
    await this.link.demand('plans', NO_PLANS);
    return (await this.link.call('app.promote.plan', await named(app))).result;
  }

  async down({ wait, ...app }: AppSelector & { wait?: number | undefined } = {}): Promise<Underway> {
    return this.underway(await callKeyed(this.link, 'app.down', { ...(await named(app)), wait }));
  }

  async planDown({
    forget,
    ...app
  }: AppSelector & { forget?: boolean | undefined } = {}): Promise<ReleasePlan> {
    await this.link.demand('plans', NO_PLANS);
    return (await this.link.call('app.down.plan', { ...(await named(app)), forget })).result;
  }

  async restartServices(
    services: string[] = [],
    { wait, ...app }: AppSelector & { wait?: number | undefined } = {},
  ): Promise<Underway> {
    const params = { ...(await named(app)), services, wait };
    return this.underway(await callKeyed(this.link, 'app.restart', params));
  }

  async scale(scale: Record<string, number | null>, app: AppSelector = {}): Promise<Underway> {
    const { result } = await this.link.call('app.scale', { ...(await named(app)), scale });
    return this.underway({ result }, { until: 'scaled', within: result.within });
  }

  async planScale(scale: Record<string, number | null>, app: AppSelector = {}): Promise<ReleasePlan> {
    await this.link.demand('plans', NO_PLANS);
    return (await this.link.call('app.scale.plan', { ...(await named(app)), scale })).result;
  }

  async maintenance(app: AppSelector = {}): Promise<string | null> {
    await this.link.demand('maintenance', 'knows nothing of maintenance');
    return (await this.link.call('app.maintenance', await named(app))).result.page;
  }

  async setMaintenance(page: string | null, app: AppSelector = {}): Promise<void> {
    await this.link.demand('maintenance', 'knows nothing of maintenance');
    await this.link.call('app.maintenance.set', { ...(await named(app)), page });
  }

  async attach(app: AppSelector = {}): Promise<Underway | null> {
    const { result } = await this.link.call('app.attach', await named(app));
    return result && this.underway({ result });
  }

  async status(app: AppSelector = {}): Promise<AppStatus> {
    return (await this.link.call('app.status', await named(app))).result;
  }

  async releases({
    count,
    ...app
  }: AppSelector & { count?: number | undefined } = {}): Promise<ReleaseInfo[]> {
    return (await this.link.call('app.releases', { ...(await named(app)), count })).result.releases;
  }

  async setEnv(
    {
      env,
      unset,
      roll,
      wait,
    }: { env?: Record<string, string>; unset?: string[]; roll?: boolean; wait?: number },
    app: AppSelector = {},
  ): Promise<Underway | null> {
    const params = { ...(await named(app)), env, unset, roll, wait };
    const { result, isRepeated } = await callKeyed(this.link, 'app.env.set', params);
    return result && this.underway({ result, isRepeated });
  }

  async listEnv(app: AppSelector = {}): Promise<Variable[]> {
    return (await this.link.call('app.env.list', await named(app))).result.variables;
  }

  async getEnv(name: string, app: AppSelector = {}): Promise<string | null> {
    return (await this.link.call('app.env.get', { ...(await named(app)), name })).result.value;
  }

  private underway(
    {
      result: { app, release, seq, again = false },
      isRepeated = false,
    }: { result: Begun; isRepeated?: boolean },
    ending: Pick<Followed, 'until' | 'within'> = {},
  ): Underway {
    const followed = { app, release, since: seq, mayBeOver: isRepeated || again, ...ending };
    const events = (signal?: AbortSignal) => followRelease(this.link, followed, signal);
    return {
      app,
      release,
      events,
      ended: async () => {
        let state = 'live';
        for await (const event of events()) if (event.type === 'release') state = event.state;
        return state;
      },
    };
  }
}

/** Returns an app as calls name it. Throws EUSAGE for what cannot name one, ENOREPO. */
export async function named({
  dir,
  repo,
  stage,
}: AppSelector): Promise<{ repo: string; stage: string | null }> {
  const name = repo ?? (await resolveRepo(dir ?? process.cwd()));
  if (isName(name)) return { repo: name, stage: stageOf(stage) };
  throw new FleetError('EUSAGE', `'${name}' cannot name a repository: ${ALLOWED} only`);
}

const ALLOWED = "letters, digits, '.', '_' and '-'";

/** Returns a stage as calls name it. Throws EUSAGE. */
function stageOf(stage: string | undefined): string | null {
  if (stage === undefined) return null;
  if (isStage(stage)) return stage;
  throw new FleetError('EUSAGE', `'${stage}' cannot name a stage: ${ALLOWED} only, 40 at most`);
}
