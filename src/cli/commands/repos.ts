import { FleetError } from '../../protocol/errors.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note, say, sayJson } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';
import { nameToRemove } from '../removal.ts';

export const reposCommand: Command = {
  name: 'repos',
  summary: 'List the repositories of the hub, or remove one.',
  synopsis: ['[ls] [--json] [+REMOTE]', 'rm NAME [+REMOTE]', 'forget NAME COMMIT [--force] [+REMOTE]'],
  operands: 'words',
  completes: 'repos',
  verbs: [
    { name: '', summary: 'List the repositories' },
    { name: 'ls', aliases: ['list'], summary: 'List the repositories' },
    { name: 'rm', aliases: ['remove'], summary: 'Remove a repository' },
    { name: 'forget', summary: 'Remove a commit from the hub and its drones' },
  ],
  options: [
    { name: 'json', verbs: ['', 'ls'], help: 'Prints the repositories as JSON.' },
    {
      name: 'force',
      verbs: ['forget'],
      help: 'Forgets the commit of a release that was live, too; `fleet rollback` cannot go back to it.',
    },
    ...CLIENT_OPTIONS,
  ],
  description: [
    'Lists the repositories of the hub: the space that each takes on its disk, the commit that was deployed last, how many processes run from it, and its apps. Of a cluster, those that any hub has are listed.',
    'With `--json` the result is a list of `{repo, bytes, commit, processes, apps}`; `commit` is null if none was deployed.',
    "`rm` removes a repository with all its commits. It is refused as long as an app of it is there, or a process runs from it: `fleet down --rm` and `fleet stop --repo` end these. Checkouts stay on the drones. A later push or deploy makes the repository anew. This needs the hub's own secret, or a token with the right `admin`.",
    '`forget` removes a single commit, given by its whole hash, for example one with a secret in it: its checkouts on all drones, and at the hub and on the drones every object that no other commit needs, so that nobody can fetch it any more, by whatever hash. It is refused as long as something runs from it, a release is live or under way with it, or a rollback may go back to it (`--force`). It needs the same right as `rm`.',
    'What `forget` does not remove: the commit, if a branch, a tag or another deployed commit contains it, which it prints, with exit status 1: push these branches anew without it (`git push --force`), remove the tags, and forget the other commits, then it. What is on lost drones, which it names: forget it again when they are back. Logs, the fleet.toml and Procfile of releases, shared files, and the clones of people. Replace the secret in any case.',
  ],
  examples: [
    ['What takes the space?', 'fleet repos'],
    ['One that is not needed any more:', 'fleet repos rm old-app'],
    [
      'A commit that should never have been deployed:',
      'fleet repos forget webapp 1b8050fcaf8f1b02b9175fcb422644cb67dc8cc5',
    ],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-deploy(1)', 'fleet-down(1)', 'fleet-prune(1)'],
  async run(args, io) {
    if (args.verb === 'forget') return forget(args, io);
    const removed = nameToRemove(args, 'repos', 'repository');
    return withClient(args, io, async (client) => {
      if (removed !== undefined) {
        await client.repoRemove(removed);
        return 0;
      }
      const repositories = await client.repoList();
      if (args.has('json')) sayJson(io, repositories);
      else for (const line of (await import('../repos-text.ts')).repositoryLines(repositories)) say(io, line);
      return 0;
    });
  },
};

async function forget(args: Arguments, io: Parameters<Command['run']>[1]): Promise<number> {
  const [repo, commit = '', ...more] = args.words;
  if (repo === undefined || more.length > 0 || !/^[0-9a-f]{40}$/.test(commit))
    throw new FleetError('EUSAGE', 'say which commit, by its whole hash: fleet repos forget NAME COMMIT');
  const [{ forgottenLines }, { noteAbsent }] = await Promise.all([
    import('../forgotten-text.ts'),
    import('../absent.ts'),
  ]);
  const force = args.has('force');
  const forgotten = await withClient(args, io, (client) => client.commitForget(repo, commit, { force }));
  const { done, left } = forgottenLines(`${repo}/${commit}`, forgotten);
  for (const line of done) say(io, line);
  for (const line of left) note(io, line);
  noteAbsent(forgotten.absent, 'it keeps what it has; forget it again when it is back', io);
  return left.length === 0 ? 0 : 1;
}
