import { createGitServer, type GitPush, type GitServer } from '../adapters/git-server.ts';
import { Turnstile } from '../adapters/turnstile.ts';
import { messageOf } from '../protocol/errors.ts';
import { Audit } from './audit.ts';
import { Deploys } from './deploys.ts';
import type { Entry } from './entry.ts';
import { Execs } from './execs.ts';
import { Homecoming } from './homecoming.ts';
import { plainAddress } from './principal.ts';
import { Registry } from './registry.ts';
import { Runs } from './runs.ts';
import { StateFile } from './state.ts';
import { Subscribers } from './subscribers.ts';
import { Tokens } from './tokens.ts';

/** What a hub is made of, behind its doors. */
export type Parts = ReturnType<typeof makeParts>;

/** Milliseconds since a drone was seen, for which it is likely to come back. */
const RECENT = 60_000;

/** The drones that were here until the last hub ended. */
function recentIn({ state }: StateFile): string[] {
  return Object.entries(state.drones).flatMap(([identity, { seen, connected }]) =>
    connected || Date.now() - seen < RECENT ? [identity] : [],
  );
}

/** ECONFIG where a file in the hub's directory is not what a hub writes. */
export function makeParts(dir: string, log: (line: string) => void) {
  const state = new StateFile(dir, log);
  const registry = new Registry();
  for (const [identity, { name, seen, connected }] of Object.entries(state.state.drones)) {
    registry.remember(name, identity, connected ? 0 : Date.now() - seen);
  }
  registry.on('lost', ({ identity, name }) => {
    state.state.drones[identity] = { name, seen: Date.now(), connected: false };
    state.save();
  });
  const subscribers = new Subscribers(registry);
  const execs = new Execs();
  const homecoming = new Homecoming(recentIn(state));
  registry.on('joined', ({ identity }) => homecoming.back(identity));
  const ready = homecoming.over;
  const runs = new Runs(registry, execs, ready);
  const deploys = new Deploys(registry, state);
  const audit = new Audit(dir, log);
  const tokens = new Tokens(dir);
  return { state, registry, ready, subscribers, execs, runs, deploys, audit, tokens, log };
}

/** Deploys at once of what was pushed by hand: a push of many branches must not start as many. */
const PUSHED_AT_ONCE = 4;
/** Milliseconds after which a drone that is slow to deploy no longer holds up the others of a push. */
const LONGEST_TURN = 60_000;

/** The git service of a hub. What is pushed by hand is deployed. */
export function makeGit(dir: string, entry: Entry, { deploys, audit, log }: Parts): GitServer {
  const turnstile = new Turnstile(PUSHED_AT_ONCE, LONGEST_TURN);
  const deploy = async ({ repo, commit }: GitPush) => {
    const leave = await turnstile.enter();
    try {
      await deploys.deploy(repo, commit, () => {});
    } catch (error) {
      log(`deploying ${repo}/${commit}: ${messageOf(error)}`);
    } finally {
      leave();
    }
  };
  return createGitServer({
    dir: `${dir}/repos`,
    authorize: (request, access) => entry.git(request, access),
    onPush: (push) => {
      const { repo, ref, commit, who: name } = push;
      const address = plainAddress(push.address);
      audit.write({ name, address }, 'push', { repo, ref, commit }, 'ok');
      void deploy(push);
    },
    log,
  });
}
