import type { DeployResult } from '../../client/types.ts';
import { messageOf } from '../../protocol/errors.ts';
import { noteAbsent } from '../absent.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note, type Output, say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS, RELEASE_OPTIONS } from '../options.ts';

const NOT_IN_IT = 'there are uncommitted changes here; they are not in what is deployed';

export const deployCommand: Command = {
  name: 'deploy',
  summary: 'Push code to drones.',
  synopsis: ['[--commit=REV] [--repo=NAME] [+REMOTE]'],
  operands: 'none',
  wordMeans: 'commit',
  options: [...RELEASE_OPTIONS, ...CLIENT_OPTIONS],
  description: [
    "Pushes a commit of this git repository to the hub's git server, and has every drone fetch it and check it out, each commit into a directory of its own. What runs from an earlier commit is not touched. Prints `deployed REPO/COMMIT`.",
    'A commit that is there already is looked at: tracked files that were changed, removed or damaged are put back as they are in the commit, and other files stay. While something runs from that checkout it is left alone, and a new one is made beside it, `deploy/REPO.COMMIT-2/`, for whatever starts from then on.',
    'Nothing is started: that is what `fleet spawn` is for.',
    'A drone that fails is a line on standard error, `[DRONE] why`; the others go on. A drone that connects later, or comes back, catches up by itself. Where none is connected, it prints `stored REPO/COMMIT` and that it waits for drones.',
    'What is not committed is not deployed; where there is such, it is said.',
    'What drones check out is what `git clone` gives somebody who has set up nothing: attributes in the commit count, and no configuration, hook or filter of whoever deploys or of the machine of a hub or drone does. The hub is reached without a proxy; see fleet(1).',
  ],
  examples: [
    ['Deploy what is checked out:', 'fleet deploy'],
    ['Deploy a tag, through the remote `staging`:', 'fleet deploy --commit=v1.4.0 +staging'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-spawn(1)', 'fleet-remote(1)', 'git-push(1)'],
  run(args, io) {
    const commit = args.text('commit');
    const { cwd } = io;
    // Git looks while the hub is dialled, and is waited for at the end.
    const changes = commit === undefined ? lookForChanges(cwd) : null;
    return withClient(args, io, async (client, target) => {
      const { Progress } = await import('../progress.ts');
      const progress = new Progress(io.stderr);
      try {
        const result = await client.deploy({
          dir: cwd,
          commit,
          repo: args.text('repo') ?? target.repo,
          onProgress: ({ phase, done, total }) =>
            progress.show(phase === 'push' ? 'pushing to the hub' : `${done} of ${total} drones have it`),
        });
        progress.clear();
        const seen = await changes;
        if (seen) note(io, seen);
        return report(result, io);
      } finally {
        progress.clear();
      }
    });
  },
};

function report({ repo, commit, drones, absent }: DeployResult, io: Output): number {
  const results = Object.entries(drones);
  const failed = results.filter(([, error]) => error !== null);
  if (failed.length < results.length) say(io, `deployed ${repo}/${commit}`);
  if (results.length === 0) say(io, `stored ${repo}/${commit}: no drones are connected; it waits for drones`);
  noteAbsent(absent, 'it catches up when it comes back', io);
  for (const [drone, error] of failed) note(io, `[${drone}] ${messageOf(error)}`);
  return failed.length === 0 ? 0 : 1;
}

/** What is to be said of changes that are in no commit. Where git cannot look, that is said: the deploy goes on without. */
async function lookForChanges(cwd: string): Promise<string | null> {
  const { gitRoot, isDirty } = await import('../../git/checkout-info.ts');
  try {
    return (await isDirty(await gitRoot(cwd))) ? NOT_IN_IT : null;
  } catch (error) {
    return `cannot see whether there are uncommitted changes: ${messageOf(error)}`;
  }
}
