import type { TokenInfo } from '../../protocol/answers.ts';
import { FleetError } from '../../protocol/errors.ts';
import { isName } from '../../protocol/names.ts';
import { RIGHTS, type Right } from '../../protocol/rights.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { say } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';
import { parseDuration } from '../quantity.ts';
import { closest } from '../text.ts';

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
  run(args, io) {
    const options = args.verb === 'create' ? tokenOptions(args) : undefined;
    const name = args.verb === 'rm' ? nameOf(args) : '';
    return withClient(args, io, async (client) => {
      if (options) say(io, await client.tokenCreate(options));
      else if (args.verb === 'rm') await client.tokenRemove(name);
      else {
        const tokens = await client.tokenList();
        const text = args.has('json') ? JSON.stringify(tokens, null, 2) : tokenTable(tokens, Date.now());
        say(io, text);
      }
      return 0;
    });
  },
};

function nameOf({ words, verb }: Arguments): string {
  const [name, ...more] = words;
  if (name !== undefined && more.length === 0 && isName(name)) return name;
  throw new FleetError('EUSAGE', `give the token one name: fleet token ${verb} NAME`);
}

/** EUSAGE where the name or the rights are none. */
function tokenOptions(args: Arguments) {
  const can = args
    .list('can')
    .flatMap((list) => list.split(','))
    .filter(Boolean);
  const odd = can.find((right) => !RIGHTS.includes(right as Right));
  if (odd !== undefined || can.length === 0) {
    const meant = odd && closest(odd, RIGHTS);
    const what =
      odd === undefined
        ? 'say what it may do'
        : `'${odd}' is no right${meant ? `; did you mean ${meant}?` : ''}`;
    throw new FleetError('EUSAGE', `${what}; --can takes ${RIGHTS.join(', ')}`);
  }
  const expires = args.text('expires');
  return {
    name: nameOf(args),
    can: [...new Set(can as Right[])],
    repo: args.text('repo'),
    lifetime: expires === undefined ? undefined : parseDuration(expires, 'expires'),
  };
}

/** One line for each token, under a heading. `now` in milliseconds since 1970. */
export function tokenTable(tokens: TokenInfo[], now: number): string {
  const day = (ms: number) => new Date(ms).toISOString().replace('T', ' ').slice(0, 16);
  const rows = tokens.map(({ name, can, repo, expires }) => [
    name,
    can.join(','),
    repo ?? '*',
    expires === null ? 'never' : `${day(expires)}${expires < now ? ' (expired)' : ''}`,
  ]);
  const table = [['NAME', 'CAN', 'REPO', 'EXPIRES (UTC)'], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
