import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';
import { nameToRemove } from '../removal.ts';

export const reposCommand: Command = {
  name: 'repos',
  summary: 'List the repositories of the hub, or remove one.',
  synopsis: ['[ls] [--json] [+REMOTE]', 'rm NAME [+REMOTE]'],
  operands: 'words',
  completes: 'repos',
  verbs: [
    { name: '', summary: 'List the repositories' },
    { name: 'ls', aliases: ['list'], summary: 'List the repositories' },
    { name: 'rm', aliases: ['remove'], summary: 'Remove a repository' },
  ],
  options: [{ name: 'json', verbs: ['', 'ls'], help: 'Prints the repositories as JSON.' }, ...CLIENT_OPTIONS],
  description: [
    'Lists the repositories of the hub: the space that each takes on its disk, the commit that was deployed last, how many processes run from it, and its apps.',
    'With `--json` the result is a list of `{repo, bytes, commit, processes, apps}`; `commit` is null if none was deployed.',
    "`rm` removes a repository with all its commits. It is refused as long as an app of it is there, or a process runs from it: `fleet down --rm` and `fleet stop --repo` end these. Checkouts stay on the drones. A later push or deploy makes the repository anew. This needs the hub's own secret, or a token with the right `admin`.",
  ],
  examples: [
    ['What takes the space?', 'fleet repos'],
    ['One that is not needed any more:', 'fleet repos rm old-app'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-deploy(1)', 'fleet-down(1)', 'fleet-prune(1)'],
  async run(args, io) {
    const removed = nameToRemove(args, 'repos', 'repository');
    return withClient(args, io, async (client) => {
      if (removed !== undefined) {
        await client.repoRemove(removed);
        return 0;
      }
      const repositories = await client.repoList();
      if (args.has('json')) say(io, JSON.stringify(repositories, null, 2));
      else for (const line of (await import('../repos-text.ts')).repositoryLines(repositories)) say(io, line);
      return 0;
    });
  },
};
