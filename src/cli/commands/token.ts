import { RIGHTS } from '../../protocol/rights.ts';
import type { Command } from '../command.ts';
import { withClient } from '../connect.ts';
import { note, say, sayJson } from '../io.ts';
import { CLIENT_ENVIRONMENT, CLIENT_OPTIONS } from '../options.ts';

export const tokenCommand: Command = {
  name: 'token',
  summary: 'Manage tokens with limited rights.',
  synopsis: [
    'create NAME --can=RIGHT[,RIGHT]... [--app=APP] [--drone=NAME]... [--command=COMMAND]... [--name=DRONE] [--expires=TIME] [--child]',
    'invite [--name=DRONE] [--expires=TIME]',
    'ls [--json]',
    'rm NAME',
  ],
  operands: 'words',
  verbs: [
    { name: 'create', aliases: ['add'], summary: 'Create a token and print it' },
    { name: 'invite', summary: 'Create an invitation for one drone and print it' },
    { name: 'ls', aliases: ['list'], summary: 'List the tokens' },
    { name: 'rm', aliases: ['remove'], summary: 'Revoke a token' },
  ],
  options: [
    {
      name: 'can',
      value: 'RIGHTS',
      verbs: ['create'],
      repeat: true,
      help: 'The rights of the token, separated by commas.',
      completes: RIGHTS,
    },
    {
      name: 'repo',
      value: 'NAME',
      completes: 'repos',
      verbs: ['create'],
      help: 'The only repository that the token is valid for.',
    },
    {
      name: 'app',
      value: 'REPO[@STAGE]',
      verbs: ['create'],
      help: "The only app that the token is for, with all of its stages; with `@STAGE`, which may be a pattern such as `'pr-*'`, those stages alone.",
    },
    {
      name: 'drone',
      value: 'NAME',
      verbs: ['create'],
      repeat: true,
      help: 'The only drones that the token is for: a name, in which `*` is anything, or `KEY=VALUE` for those with this label. May be given more than once.',
      completes: 'drones',
    },
    {
      name: 'command',
      value: 'COMMAND',
      verbs: ['create'],
      repeat: true,
      help: "With `--can=exec`: the only command that may be executed, such as `'npm run migrate'`. May be given more than once.",
    },
    {
      name: 'name',
      value: 'DRONE',
      verbs: ['create', 'invite'],
      help: 'The name of the one drone that the token, with `--can=drone`, or the invitation is for.',
    },
    {
      name: 'expires',
      value: 'TIME',
      verbs: ['create', 'invite'],
      help: 'How long the token is valid, such as `12h` or `30d`. By default it does not expire. An invitation is valid for `1h`, or for `7d` at most.',
    },
    {
      name: 'child',
      verbs: ['create'],
      help: 'The new token ends with the one that it is made with, when that is removed or expires.',
    },
    { name: 'json', verbs: ['ls', ''], help: 'Prints the tokens as JSON.' },
    ...CLIENT_OPTIONS,
  ],
  description: [
    "A token is used as `--secret`, in place of the hub's secret, and has fewer rights. `create` prints it once: the hub keeps only its hash. The rights are:",
    '  read     ps, logs, monitor, status\n  release  up, promote, rollback, down, scale, maintenance\n  deploy   release, and env set, deploy, spawn, stop, restart\n  exec     exec, run, env get\n  drone    connect as a drone\n  proxy    proxy, endpoints\n  admin    token, audit, prune, drones rm, label',
    'With `release`, what runs is what the fleet.toml of a commit says, and nothing else. A token for stages or drones pushes commits for `up` and `deploy`, and no branches. One for stages does and sees what is about these stages. One for drones names them in `deploy`, `spawn`, `exec` and `run`, sees what is there, and does nothing that is about all of them, such as `up`. One for commands runs these as they are: without `--env` and `--cwd`, and sees no variables.',
    '`invite` prints an invitation, with which one drone joins, once: `fleet drone --join=INVITATION`. That drone makes a key of its own, which never leaves its directory, and proves that it has it at each connection from then on: no secret is stored there. The hub keeps the public half; `ls` lists it as `key-...`, and `rm` revokes it at that moment, as `fleet drones rm NAME` does for a lost drone.',
    "The hub's own secret has all rights. Only the secret, or a token with the right `admin`, can create tokens. A token that was made with another has no right that the other lacks, lives no longer, and is for the same drone if that one is for a single one. It stays when the other is removed, unless it was made with `--child`: then it ends at that moment, with its own children. `ls` shows the parent.",
    'A drone with a token that was made with `--name` gets that name, and no other drone does. The name of any other drone belongs to the token that it joined with first: a drone of another token that asks for it gets `NAME-1`, until `fleet drones rm NAME` frees it. A token has 2,000 drones at most, counting those that were lost within the last hour.',
    'A token that was removed or has expired is refused, and its connections, clones and pushes end at that moment.',
  ],
  examples: [
    [
      'A token for continuous integration, to deploy one app and see how it runs:',
      'fleet token create ci --can=deploy,read --repo=webapp --expires=90d',
    ],
    [
      'A token for previews of pull requests, and nothing else:',
      "fleet token create previews --can=release,read --app='webapp@pr-*'",
    ],
    [
      'A token that runs one command on some machines:',
      "fleet token create migrate --can=exec,read --app=webapp --drone=role=db --command='npm run migrate'",
    ],
    [
      'With the token of a deployment tool, a token for an hour that ends with it:',
      'fleet token create job-4711 --can=deploy --expires=1h --child',
    ],
    ['Let one more worker join:', 'fleet token invite --name=web1'],
    ['List the tokens:', 'fleet token ls'],
  ],
  environment: CLIENT_ENVIRONMENT,
  seeAlso: ['fleet-audit(1)', 'fleet-hub(1)', 'fleet-remote(1)'],
  async run(args, io) {
    const { invitationOptions, invitedText, tokenName, tokenOptions, tokenTable } = await import(
      '../tokens.ts'
    );
    const options = args.verb === 'create' ? tokenOptions(args) : undefined;
    const invitation = args.verb === 'invite' ? invitationOptions(args) : undefined;
    const name = args.verb === 'rm' ? tokenName(args) : '';
    return withClient(args, io, async (client) => {
      if (options) say(io, await client.tokenCreate(options));
      else if (invitation) {
        say(io, await client.tokenInvite(invitation));
        note(io, invitedText(args));
      } else if (args.verb === 'rm') await client.tokenRemove(name);
      else {
        const tokens = await client.tokenList();
        if (args.has('json')) sayJson(io, tokens);
        else say(io, tokenTable(tokens, Date.now()));
      }
      return 0;
    });
  },
};
