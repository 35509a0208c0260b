import type { DeployResult } from '../../client/types.ts';
import { messageOf } from '../../protocol/errors.ts';
import { monotonicMs } from '../../system/monotonic.ts';
import { noteAbsent } from '../absent.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note, type Output, say } from '../io.ts';
import { lookForLeftOut } from '../left-out.ts';
import {
  CLIENT_ENVIRONMENT,
  CLIENT_OPTIONS,
  DRONE_OPTION,
  RELEASE_OPTIONS,
  STRICT_OPTION,
} from '../options.ts';

const FOR_ALL = 'no drones are connected; it waits for drones';
const FOR_SOME = 'none of these drones is connected; it waits for them';

export const deployCommand: Command = {
  name: 'deploy',
  summary: 'Push code to drones.',
  synopsis: ['[--drone=NAME]... [--strict] [--commit=REV] [--repo=NAME] [--force] [+REMOTE]'],
  operands: 'none',
  wordMeans: 'commit',
  options: [
    { ...DRONE_OPTION, help: `Only these drones get it. ${DRONE_OPTION.help}` },
    STRICT_OPTION,
    ...RELEASE_OPTIONS,
    {
      name: 'force',
      help: 'Replace every checkout with a new one, without what the app has written there, even if nothing was changed. Also deploys a commit with a secret in its `fleet.json`.',
    },
    ...CLIENT_OPTIONS,
  ],
  description: [
    "Pushes a commit of this git repository to the hub's git server, and has every drone fetch it and check it out into a directory of its own. Processes that run from an earlier commit are not touched. Prints `deployed REPO/COMMIT`.",
    'If a drone has the commit already, it checks the checkout: tracked files that were changed, removed or damaged are restored, and other files stay. While a process runs from that checkout, it is left alone, and a new one, `deploy/REPO.COMMIT-2/`, is made for what starts later. `--force` makes a new checkout in any case.',
    'With `--drone`, only these drones get it, also if they are not connected now; one that joins later does not. A drone that lacks a commit still fetches it when something is started from it there.',
    'It starts nothing: see `fleet spawn`.',
    'If a drone fails, `[DRONE] why` is printed on standard error, and the others continue. A drone that connects later, or reconnects, catches up by itself. If no drone is connected, it prints `stored REPO/COMMIT`, and that the commit waits for drones. A drone that waits for the hub to pack a large commit, or that receives it over a slow network, is waited for as long as something arrives, and standard error says so: `web1: the hub is preparing the commit (12 s)`. A drone that has failed tries again by itself, after 2 seconds at first and after 5 minutes at last; until it has the commit, `fleet ps` and `fleet drones` say what it lacks. On a terminal, the progress of a large push is shown too, and then which drones have the commit and how long it took.',
    'A commit with a secret in its `fleet.json` is refused, because everyone who can read the repository could read it.',
    'Uncommitted changes are not deployed. If there are any, a note says so. When a commit is pushed that has submodules or Git LFS pointers, a note says that their files are not deployed.',
    'A checkout has the history of its commit, but no tags: instead of `git describe`, use the variable COMMIT, which every process has. A clone without its history (`git clone --depth=1`, as in CI) can be deployed. The hub keeps its commits apart from all others, so that clones from the hub have their full history.',
    'Drones check out what `git clone` would without any configuration: the attributes in the commit apply, but no configuration, hooks or filters of yours or of the machines of hub and drones. Proxies are not used to reach the hub; see fleet(1).',
  ],
  examples: [
    ['Deploy what is checked out:', 'fleet deploy'],
    ['Replace a checkout, with all that was written into it:', 'fleet deploy --force'],
    ['Try a commit on a single drone:', 'fleet deploy --drone=web1'],
    ['Deploy a tag, through the remote `staging`:', 'fleet deploy --commit=v1.4.0 +staging'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-spawn(1)', 'fleet-remote(1)', 'git-push(1)'],
  run(args, io) {
    const commit = args.text('commit');
    const { cwd } = io;
    return withClient(args, io, async (client, target) => {
      const [{ DeployReport }, { summaryText }] = await Promise.all([
        import('../deploy-report.ts'),
        import('../deploy-text.ts'),
      ]);
      const started = monotonicMs();
      const progress = new DeployReport(io);
      let leftOut: Promise<string[]> | undefined;
      try {
        const deploying = client.deploy({
          dir: cwd,
          commit,
          repo: args.text('repo') ?? target.repo,
          force: args.has('force'),
          drones: args.list('drone'),
          strict: args.has('strict'),
          onProgress: (step) => {
            // The push takes longer than this look, which runs meanwhile.
            if (step.phase === 'push') leftOut ??= whileWaiting(() => lookForLeftOut(cwd, commit ?? 'HEAD'));
            progress.show(step);
          },
        });
        const changes =
          commit === undefined
            ? whileWaiting(async () => (await import('../uncommitted.ts')).lookForChanges(cwd))
            : [];
        const result = await deploying;
        progress.clear();
        for (const line of [...(await changes), ...((await leftOut) ?? [])]) note(io, line);
        const reached = Object.keys(result.drones).filter((drone) => result.drones[drone] === null);
        const status = report(result, args, io);
        if (io.stderr.isTTY && reached.length > 0)
          note(io, summaryText(reached, result.pushed, monotonicMs() - started));
        if (result.isApp) note(io, 'fleet up releases it');
        return status;
      } finally {
        progress.clear();
      }
    });
  },
};

function report({ repo, commit, drones, absent }: DeployResult, args: Arguments, io: Output): number {
  const results = Object.entries(drones);
  const failed = results.filter(([, error]) => error !== null);
  if (failed.length < results.length) say(io, `deployed ${repo}/${commit}`);
  if (results.length === 0) say(io, `stored ${repo}/${commit}: ${args.has('drone') ? FOR_SOME : FOR_ALL}`);
  noteAbsent(absent, 'it catches up when it comes back', io);
  for (const [drone, error] of failed) note(io, `[${drone}] ${messageOf(error)}`);
  const isIncomplete = args.has('strict') && Object.keys(absent).length > 0;
  return failed.length === 0 && !isIncomplete ? 0 : 1;
}

/** Starts `look` on the next turn of the event loop, so that loading its modules does not delay the request to the hub. */
async function whileWaiting<T>(look: () => Promise<T>): Promise<T> {
  await new Promise((resolve) => setImmediate(resolve));
  return look();
}
