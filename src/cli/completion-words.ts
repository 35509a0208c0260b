import type { Client } from '../client/types.ts';
import { parseAppName } from '../protocol/app-names.ts';
import { FleetError } from '../protocol/errors.ts';
import { monotonicMs } from '../system/monotonic.ts';
import type { Arguments } from './arguments.ts';
import type { Sought } from './command.ts';
import type { Surroundings } from './io.ts';

/** A shell waits for the answer while somebody types. */
const ANSWER_WITHIN_MS = 1_000;

const LOCAL: { [K in Sought]?: (where: Surroundings) => Promise<string[]> } = {
  remotes: async ({ cwd, env }) => {
    const [{ allRemotes }, { searchPaths }] = await Promise.all([
      import('./remotes.ts'),
      import('./fleet-json.ts'),
    ]);
    return Object.keys(allRemotes(searchPaths(cwd, env)));
  },
  refs: async ({ cwd }) => {
    const { branchesAndTags, gitRoot } = await import('../git/checkout-info.ts');
    return branchesAndTags(await gitRoot(cwd));
  },
};

/** Of which app; `repo` is that of the remote, if it has one and none was typed. */
interface Place {
  dir: string;
  repo: string | undefined;
  stage: string | undefined;
}

type Asked = Exclude<Sought, 'remotes' | 'refs'>;

const FROM_HUB: { [K in Asked]: (client: Client, place: Place) => Promise<string[]> } = {
  drones: async (client) => (await client.drones()).map(({ name }) => name),
  ids: async (client) => Object.values(await client.ps()).flatMap(({ processes }) => Object.keys(processes)),
  releases: async (client, place) => (await client.releases(place)).map(({ release }) => `v${release}`),
  repos: async (client) => (await client.repoList()).map(({ repo }) => repo),
  services: async (client, place) => Object.keys((await client.status(place)).services),
  stages: async (client, place) => {
    const { named } = await import('../client/app-client.ts');
    const { repo } = await named({ ...place, stage: undefined });
    const running = Object.values(await client.ps()).flatMap(({ processes }) => Object.values(processes));
    const apps = running.flatMap(({ app }) => (app == null ? [] : (parseAppName(app) ?? [])));
    const stages = apps.flatMap((one) => (one.repo === repo && one.stage !== null ? [one.stage] : []));
    return [...new Set(stages)].sort();
  },
  variables: async (client, place) => (await client.listEnv(place)).map(({ name }) => name),
};

/** Returns what a shell may offer, from the hub within a second; nothing if there is no answer. Throws EUSAGE. */
export async function completionWords(args: Arguments, where: Surroundings): Promise<string[]> {
  const [kind = ''] = args.words;
  const local = LOCAL[kind as Sought];
  const ask = FROM_HUB[kind as Asked];
  if (!Object.hasOwn(LOCAL, kind) && !Object.hasOwn(FROM_HUB, kind)) {
    const kinds = [...Object.keys(LOCAL), ...Object.keys(FROM_HUB)].sort().join(', ');
    throw new FleetError('EUSAGE', `say what to complete: fleet completion words KIND; there are: ${kinds}`);
  }
  try {
    return local ? await local(where) : await fromHub(ask, args, where);
  } catch {
    return []; // An error would be in the middle of what is typed.
  }
}

async function fromHub(
  ask: (client: Client, place: Place) => Promise<string[]>,
  args: Arguments,
  where: Surroundings,
): Promise<string[]> {
  const [{ resolveTarget }, { connect }] = await Promise.all([
    import('./target.ts'),
    import('../client/client.ts'),
  ]);
  const until = monotonicMs() + ANSWER_WITHIN_MS;
  const target = await resolveTarget(args, where);
  const client = await connect({ ...target, timeout: ANSWER_WITHIN_MS });
  const timer = setTimeout(() => client.close(), Math.max(0, until - monotonicMs()));
  try {
    const [repo, stage] = [args.text('repo') ?? target.repo, args.text('as')];
    return await ask(client, { dir: where.cwd, repo, stage });
  } finally {
    clearTimeout(timer);
    client.close();
  }
}
