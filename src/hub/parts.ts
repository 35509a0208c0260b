import { createGitServer, type GitPush, type GitServer } from '../git/server.ts';
import { messageOf } from '../protocol/errors.ts';
import { Semaphore } from '../system/semaphore.ts';
import type { Authorizer } from './access/authorizer.ts';
import { plainAddress } from './access/principal.ts';
import { Tokens } from './access/tokens.ts';
import { Deploys } from './deploys.ts';
import { DroneDirectory } from './drones/directory.ts';
import { LastKnown } from './drones/last-known.ts';
import { RejoinWindow } from './drones/rejoin-window.ts';
import { Audit } from './events/audit.ts';
import { EventLog } from './events/event-log.ts';
import { Subscribers } from './events/subscribers.ts';
import { Execs } from './execs.ts';
import { Processes } from './processes.ts';
import { StateFile } from './state.ts';

/** What a hub is made of, behind its authentication. */
export type Parts = ReturnType<typeof makeParts>;

/** Milliseconds since a drone was seen, for which it is likely to come back. */
const RECENT = 60_000;

/** The drones that were here until the last hub ended. */
function recentIn(state: StateFile): string[] {
  return state
    .drones()
    .flatMap(({ identity, seen, connected }) => (connected || Date.now() - seen < RECENT ? [identity] : []));
}

/** ECONFIG where a file in the hub's directory is not what a hub writes. */
export function makeParts(dir: string, log: (line: string) => void) {
  const state = new StateFile(dir, log);
  const directory = new DroneDirectory();
  const events = new EventLog(state.eventNumbers);
  const lastKnown = new LastKnown(dir, log);
  const reports = lastKnown.load();
  for (const drone of state.drones()) directory.remember(drone, reports.get(drone.identity));
  lastKnown.follow(() => directory.all());
  directory.on('joined', ({ name, version }) => events.add({ type: 'joined', drone: name, version }));
  directory.on('lost', ({ identity, name }, why) => {
    state.seen(identity, name, 'lost');
    events.add({ type: 'lost', drone: name, why: why.message });
  });
  const subscribers = new Subscribers(directory, events);
  const execs = new Execs();
  const rejoinWindow = new RejoinWindow(recentIn(state));
  directory.on('joined', ({ identity }) => rejoinWindow.back(identity));
  const ready = rejoinWindow.over;
  const processes = new Processes(directory, execs, ready);
  const deploys = new Deploys(directory, state);
  const audit = new Audit(dir, events, log);
  const tokens = new Tokens(dir);
  return {
    state,
    directory,
    lastKnown,
    ready,
    events,
    subscribers,
    execs,
    processes,
    deploys,
    audit,
    tokens,
    log,
  };
}

/** Deploys at once of what was pushed by hand: a push of many branches must not start as many. */
const PUSHED_AT_ONCE = 4;
/** Milliseconds after which a drone that is slow to deploy no longer holds up the others of a push. */
const LONGEST_TURN = 60_000;

/** The git service of a hub. What is pushed by hand is deployed. */
export function makeGit(dir: string, entry: Authorizer, { deploys, events, log }: Parts): GitServer {
  const semaphore = new Semaphore(PUSHED_AT_ONCE, LONGEST_TURN);
  const deploy = async ({ repo, commit }: GitPush) => {
    const leave = await semaphore.enter();
    try {
      await deploys.deploy({ repo, commit, force: false });
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
      events.add({ type: 'pushed', ...push, address: plainAddress(push.address) });
      void deploy(push);
    },
    log,
  });
}
