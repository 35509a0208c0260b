import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { fingerprintToPin, parseAddress } from '../../protocol/address.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { Arguments } from '../arguments.ts';
import type { Command } from '../command.ts';
import { globalPath, type Remote, readFleetFile, searchPaths } from '../fleet-json.ts';
import { type Io, note, say } from '../io.ts';
import { CLIENT_OPTIONS, ENV_OPTION } from '../options.ts';
import { addRemote, allRemotes, checkRemoteName, pathToWrite, removeRemote } from '../remotes.ts';
import { readSecret } from '../target.ts';

const KEPT = ['hub', 'secret', 'secret-file', 'ca', 'fingerprint'];

export const remoteCommand: Command = {
  name: 'remote',
  summary: 'Manage the set of remote hubs.',
  synopsis: [
    'add [NAME] --hub=HOST:PORT [--secret=SECRET] [--env.NAME=VALUE]... [--ca=FILE] [--fingerprint=sha256:HEX] [--global]',
    'rm [NAME] [--global]',
    'ls [--global]',
  ],
  operands: 'words',
  verbs: [
    { name: 'add', summary: 'Add a remote, or replace it' },
    { name: 'rm', aliases: ['remove'], summary: 'Remove a remote' },
    { name: 'ls', aliases: ['list'], summary: 'Print the remotes as JSON' },
  ],
  options: [
    ...CLIENT_OPTIONS.filter(({ name }) => KEPT.includes(name)).map((option) => ({
      ...option,
      verbs: ['add'],
    })),
    { ...ENV_OPTION, verbs: ['add'], help: 'A variable for every `spawn` and `exec` through this remote.' },
    { name: 'global', help: 'In your own configuration, for all checkouts, instead of in this one.' },
  ],
  description: [
    'A remote is a hub with a name, so that other commands need no `--hub` and `--secret`. The one that is called `default` is used when none is named; `+NAME` names another one.',
    '`add` writes it to `fleet.json` in the root of the git repository, or with `--global` to `~/.config/fleet/fleet.json`. One of that name is replaced; everything else in the file stays. NAME is `default` where it is left out.',
    'The file holds a secret. Only you can read it, and it should not be committed: put it into `.gitignore`.',
    '`rm` removes a remote. `ls` prints all of them as JSON, with their secrets.',
  ],
  examples: [
    ['The hub of this app:', 'fleet remote add default --hub=hub.example.com:7000 --secret=beepboop'],
    [
      'Another one, with a variable for all that runs there:',
      'fleet remote add staging --hub=10.0.0.7:7000 --secret-file=secret --env.NODE_ENV=staging\nfleet deploy +staging',
    ],
    ['Without it again:', 'fleet remote rm staging'],
  ],
  environment: [['XDG_CONFIG_HOME', 'Where `--global` keeps `fleet/fleet.json`; `~/.config` by default.']],
  seeAlso: ['fleet.json(5)', 'fleet-deploy(1)', 'fleet-token(1)'],
  async run(args, io) {
    if (args.verb === 'add') await add(args, io);
    else if (args.verb === 'rm') removeRemote(pathsOf(args, io), nameOf(args));
    else say(io, JSON.stringify(listed(args, io), null, 2));
    return 0;
  },
};

function nameOf({ words, verb }: Arguments): string {
  if (words.length > 1) throw new FleetError('EUSAGE', `give the remote one name: fleet remote ${verb} NAME`);
  return checkRemoteName((words[0] ?? 'default').replace(/^\+/, ''));
}

const pathsOf = (args: Arguments, { cwd, env }: Io) =>
  args.has('global') ? [globalPath(env)] : searchPaths(cwd, env);

function listed(args: Arguments, io: Io) {
  if (args.words.length > 0)
    throw new FleetError('EUSAGE', `fleet remote ls takes no argument '${args.words[0]}'`);
  return args.has('global') ? readFleetFile(globalPath(io.env)).remotes : allRemotes(io.cwd, io.env);
}

async function add(args: Arguments, io: Io): Promise<void> {
  const name = nameOf(args);
  const remote = remoteOf(args, io);
  const path = pathToWrite(args.has('global') ? 'global' : 'checkout', io.cwd, io.env);
  addRemote(path, name, remote);
  if (!args.has('global') && remote.secret !== undefined && (await isTracked(path))) {
    note(
      io,
      `fleet.json is tracked by git: whoever can read the repository can read the secret; take it out (git rm --cached fleet.json), or use: fleet remote add --global ${name}`,
    );
  }
}

/** What is kept of the arguments. EUSAGE for an address or a fingerprint that is none. */
function remoteOf(args: Arguments, { cwd }: Io): Remote {
  const hub = args.text('hub');
  if (hub === undefined) throw new FleetError('EUSAGE', 'which hub? give --hub=HOST:PORT');
  parseAddress(hub);
  const [ca, fingerprint] = [args.text('ca'), args.text('fingerprint')];
  if (fingerprint !== undefined) fingerprintToPin(fingerprint);
  const secret = args.text('secret') ?? readSecret(args.text('secret-file'));
  return {
    hub,
    ...(secret === undefined ? {} : { secret }),
    ...(ca === undefined ? {} : { ca: resolve(cwd, ca) }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(args.has('env') ? { env: args.pairs('env') } : {}),
  };
}

function isTracked(path: string): Promise<boolean> {
  const args = ['-C', resolve(path, '..'), 'ls-files', '--error-unmatch', '--', path];
  return new Promise((done) => {
    execFile('git', args, (error) => done(error === null));
  });
}
