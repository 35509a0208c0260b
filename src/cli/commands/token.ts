import { RIGHTS } from '../../protocol/rights.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

export const tokenCommand: Command = {
  name: 'token',
  summary: 'Manage tokens with limited rights.',
  synopsis: ['create NAME --can=RIGHT[,RIGHT]... [--repo=NAME] [--expires=TIME]', 'ls [--json]', 'rm NAME'],
  operands: 'words',
  verbs: [
    { name: 'create', aliases: ['add'], summary: 'Make a token, and print it' },
    { name: 'ls', aliases: ['list'], summary: 'List the tokens' },
    { name: 'rm', aliases: ['remove'], summary: 'Make a token invalid' },
  ],
  options: [
    {
      name: 'can',
      value: 'RIGHTS',
      verbs: ['create'],
      repeat: true,
      help: 'Its rights, with commas between them.',
      completes: RIGHTS,
    },
    { name: 'repo', value: 'NAME', verbs: ['create'], help: 'The only repository that it is good for.' },
    {
      name: 'expires',
      value: 'TIME',
      verbs: ['create'],
      help: 'How long it is good for, such as `12h` or `30d`; for ever by default.',
    },
    { name: 'json', verbs: ['ls', ''], help: 'Prints the tokens as JSON.' },
    ...CLIENT_OPTIONS,
  ],
  description: [
    "A token is given as `--secret` in the place of the hub's secret, and can do less. `create` prints it, once: the hub keeps its hash only. The rights are:",
    '  read     ps, logs, monitor\n  deploy   deploy, spawn, stop, restart\n  exec     exec\n  drone    connect as a drone\n  admin    token, audit',
    "The hub's own secret has all rights, and only who has it, or `admin`, can make tokens.",
    'A token that is removed, or has expired, is refused, and its connections are ended.',
  ],
  examples: [
    [
      'A token for continuous integration, which can deploy one app and see what came of it:',
      'fleet token create ci --can=deploy,read --repo=webapp --expires=90d',
    ],
    ['What tokens are there?', 'fleet token ls'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-audit(1)', 'fleet-hub(1)', 'fleet-remote(1)'],
  async run(args, io) {
    const { tokenName, tokenOptions, tokenTable } = await import('../tokens.ts');
    const options = args.verb === 'create' ? tokenOptions(args) : undefined;
    const name = args.verb === 'rm' ? tokenName(args) : '';
    return withClient(args, io, async (client) => {
      if (options) say(io, await client.tokenCreate(options));
      else if (args.verb === 'rm') await client.tokenRemove(name);
      else {
        const tokens = await client.tokenList();
        say(io, args.has('json') ? JSON.stringify(tokens, null, 2) : tokenTable(tokens, Date.now()));
      }
      return 0;
    });
  },
};
