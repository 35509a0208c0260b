import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { version } from '../../package.json';
import { RealFleet } from '../fixtures/real-fleet.ts';
import { assertFailed, assertGave } from '../fixtures/stage.ts';

const fleet = new RealFleet([]);
after(() => fleet.end());

const HELP = `Usage: fleet <command> [<args>]

The commands are:
  audit        Show who did what.
  deploy       Push code to drones.
  down         Stop all of an app's services.
  drone        Connect to a hub as a worker.
  drones       List the drones, or forget a lost one.
  endpoints    List the instances that get requests.
  env          Manage an app's environment.
  exec         Run commands on drones.
  hub          Create a hub for drones to connect.
  hubs         List the hubs of a cluster.
  init         Write a fleet.toml from what an app has.
  label        Set labels of a drone.
  logs         Show what processes have printed.
  maintenance  Answer for an app while it cannot.
  monitor      Show service events system-wide.
  promote      Continue a release that rests as a canary.
  proxy        Bring HTTP requests to the instances that are ready.
  prune        Remove old checkouts from drones.
  ps           List the running processes on the drones.
  releases     List the releases of an app.
  remote       Manage the set of remote hubs.
  repos        List the repositories of the hub, or remove one.
  restart      Restart processes running on drones.
  rollback     Go back to an earlier release.
  run          Run a command of an app.
  scale        Set how many instances services have.
  spawn        Run services on drones.
  status       Show whether an app is all right.
  stop         Stop processes running on drones.
  token        Manage tokens with limited rights.
  up           Release a commit: build, check and run it everywhere.
  version      Print fleet's version

For help about a command, try \`fleet help <command>\`.
`;

test('fleet, fleet help, fleet help commands and fleet --help list the commands', async () => {
  for (const args of [[], ['help'], ['help', 'commands'], ['--help'], ['-h']])
    assertGave(await fleet.run(args), 0, HELP);
});

test('fleet version, -v and --version print the version', async () => {
  for (const args of [['version'], ['-v'], ['--version']])
    assertGave(await fleet.run(args), 0, `${version}\n`);
});

test('without a terminal, the text of the manual page is printed, plain', async () => {
  const page = await fleet.run(['help', 'deploy']);
  assert.match(page.stdout, /^NAME\n {7}fleet-deploy - Push code to drones\n\nSYNOPSIS\n {7}fleet deploy /);
  assert.match(page.stdout, /^[\x20-\x7e\n]*$/);
  assertGave(page, 0, page.stdout);
  for (const args of [
    ['deploy', '--help'],
    ['deploy', '-h'],
    ['deploy', '--commit=x', '--help'],
  ])
    assertGave(await fleet.run(args), 0, page.stdout);
  assert.match((await fleet.run(['help', 'fleet.json'])).stdout, /^NAME\n {7}fleet\.json - /);
  assert.match((await fleet.run(['help', 'completion'])).stdout, /^NAME\n {7}fleet-completion - /);
});

test('fleet help with an unknown topic is an error', async () => {
  assertFailed(await fleet.run(['help', 'nope']), 1, 'No manual entry for fleet nope');
});

test('fleet nope runs fleet-nope from the PATH, if it exists', async () => {
  const bin = join(fleet.dir, 'bin');
  mkdirSync(bin);
  const script = (name: string, text: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  script('fleet-nope', 'printf "%s|" "$@"; cat; echo err >&2; exit 7');
  script('fleet-killed', 'kill -9 $$');
  script('fleet-ps', 'echo not this');
  const env = { PATH: `${bin}:${process.env['PATH']}` };
  const result = await fleet.runBinary(['nope', '--help', '-x', 'a b'], { env, stdin: 'stdin' });
  assertGave(result, 7, '--help|-x|a b|stdin', 'err\n');
  assert.equal((await fleet.runBinary(['killed'], { env })).code, 137);
  assert.notEqual((await fleet.runBinary(['ps'], { env })).stdout, 'not this\n');
  const lines = 'Fleet command "nope" not recognized.\nType `fleet help` to see a list of all commands.\n';
  assertGave(await fleet.run(['nope', '--help']), 1, '', lines);
  assertGave(
    await fleet.run(['depoly']),
    1,
    '',
    `${lines.replace('nope', 'depoly')}Did you mean \`fleet deploy\`?\n`,
  );
});

test('a mistake on the command line is one line, and status 2', async () => {
  const mistakes: [string[], string][] = [
    [['--nope'], "fleet: unknown option '--nope'; the command comes first: fleet help"],
    [['ps', '--jsno'], "fleet: unknown option '--jsno'; did you mean --json?"],
    [['deploy', '--comit=x'], "fleet: unknown option '--comit=x'; did you mean --commit?"],
    [['deploy', 'now'], "fleet: fleet deploy takes no argument 'now'; did you mean --commit=now?"],
    [['version', 'x'], "fleet: fleet version takes no argument 'x'; see: fleet help version"],
    [['ps', '--json=1'], 'fleet: --json takes no value'],
    [['deploy', '--commit'], 'fleet: --commit needs a value: --commit=REV'],
    [['deploy', '--commit', '--repo=x'], 'fleet: --commit needs a value: --commit=REV'],
    [['spawn'], 'fleet: say which command to run: fleet spawn -- COMMAND'],
    [['spawn', '--'], 'fleet: say which command to run: fleet spawn -- COMMAND'],
    [['exec', '--drone=x', '--', ''], 'fleet: say which command to run: fleet exec -- COMMAND'],
    [['exec', '--env.FOO', '--', 'ls'], 'fleet: --env.FOO needs a value: --env.FOO=VALUE'],
    [['exec', '--env=FOO', '--', 'ls'], "fleet: --env needs the variable's name: write --env.NAME=VALUE"],
    [['exec', '--env', 'FOO', '--', 'ls'], "fleet: --env needs the variable's name: write --env.NAME=VALUE"],
    [['spawn', '--env.=1', '--', 'ls'], "fleet: --env needs the variable's name: write --env.NAME=VALUE"],
    [['spawn', '--env.A-B=1', '--', 'ls'], "fleet: 'A-B' cannot name a variable: write --env.NAME=VALUE"],
    [['hub', '--port=x'], "fleet: 'x' is not a port; give a number from 0 to 65535"],
    [['hub', '65536'], "fleet: '65536' is not a port; give a number from 0 to 65535"],
    [['hub', '--gport=-1'], "fleet: '-1' is not a port; give a number from 0 to 65535"],
    [['hub', '7000', '7001'], "fleet: fleet hub takes one port, and not '7001'"],
    [['ps', '--hub=h:70000'], "fleet: '70000' is not a port; give a number from 0 to 65535"],
    [
      ['ps', '--hub=a b'],
      "fleet: 'a b' is not the address of a hub (not a host and a port); write HOST:PORT or https://HOST:PORT",
    ],
    [
      ['ps', '--hub=h', '--timeout=soon'],
      'fleet: --timeout=soon is not a length of time; write 10s, 2m, 1h or 30d',
    ],
    [
      ['drone', '--hub=h', '--name=a/b'],
      "fleet: 'a/b' cannot name a drone: letters, digits, '.', '_' and '-' only",
    ],
  ];
  const results = mistakes.map(async ([args, line]) => [line, await fleet.run(args)] as const);
  for (const [line, result] of await Promise.all(results)) {
    assertFailed(result, 2, line);
  }
});
