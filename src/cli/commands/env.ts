import { APP_OPTIONS, appOf, FOLLOW_OPTIONS, waitOf } from '../app-options.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

export const envCommand: Command = {
  name: 'env',
  summary: "Manage an app's environment.",
  synopsis: [
    'set KEY=VALUE|KEY=@-... [--from=FILE] [--no-roll] [--as=STAGE]',
    'unset KEY... [--no-roll] [--as=STAGE]',
    'ls [--json] [--as=STAGE]',
    'get KEY [--as=STAGE]',
  ],
  operands: 'words',
  completes: 'variables',
  verbs: [
    { name: 'set', summary: 'Set variables' },
    { name: 'unset', aliases: ['rm'], summary: 'Remove variables' },
    { name: 'ls', aliases: ['list'], summary: 'List the names' },
    { name: 'get', summary: 'Print a value' },
  ],
  options: [
    {
      name: 'from',
      value: 'FILE',
      verbs: ['set'],
      completes: 'file',
      help: 'A file of KEY=VALUE lines, such as `.env`.',
    },
    { name: 'no-roll', verbs: ['set', 'unset'], help: 'Leaves it to the next release.' },
    ...FOLLOW_OPTIONS,
    ...APP_OPTIONS,
    ...CLIENT_OPTIONS,
  ],
  description: [
    "Keeps variables for an app's processes, builds and release commands at the hub, encrypted with a key of the hub's own. Values are never in `ps`, logs, events or the audit trail.",
    'A change is a new release, which replaces the instances one by one. Before the first release it is only stored. `KEY=@-` reads the value from standard input, so that it is in no history of a shell.',
    'What is set here wins over `env` in fleet.toml, and that over what fleet itself gives each process, such as `PORT`.',
  ],
  examples: [
    ['Set a secret:', 'fleet env set DATABASE_URL=@- < url.txt'],
    ['Take over a file:', 'fleet env set --from=.env'],
    ['What there is:', 'fleet env ls'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-up(1)', 'fleet.toml(5)'],
  async run(args, io) {
    const actions = await import('../env-actions.ts');
    const change = args.verb === 'set' || args.verb === 'unset' ? await actions.changeOf(args, io) : null;
    return withClient(args, io, (client, target) => {
      const app = appOf(args, target, io.cwd);
      if (change) return actions.set(client, { ...change, wait: waitOf(args) }, app, args, io);
      if (args.verb === 'get') return actions.get(client, app, args, io);
      return actions.list(client, app, args, io);
    });
  },
};
