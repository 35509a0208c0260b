import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCommand } from '../../src/cli/commands.ts';
import { parseArguments } from '../../src/cli/parse.ts';
import { FleetError } from '../../src/protocol/errors.ts';

function commandOf(name: string) {
  const command = findCommand(name);
  assert.ok(command, name);
  return command;
}

async function parse(name: string, ...argv: string[]) {
  const args = await parseArguments(argv, commandOf(name));
  assert.ok(args, 'this asks for help');
  return args;
}

async function refusal(name: string, ...argv: string[]): Promise<string> {
  try {
    await parse(name, ...argv);
  } catch (error) {
    assert.ok(error instanceof FleetError, String(error));
    assert.equal(error.code, 'EUSAGE');
    assert.doesNotMatch(error.message, /\n/);
    return error.message;
  }
  return assert.fail(`${name} ${argv.join(' ')} should be refused`);
}

test('--name=value and --name value are the same, and values stay as they are', async () => {
  for (const secret of ['007', 'a:b/c@d', '-x', '', 'a=b', '+prod', '0x10', ' ', '"']) {
    assert.equal((await parse('ps', `--secret=${secret}`)).text('secret'), secret);
    assert.equal((await parse('ps', '--secret', secret)).text('secret'), secret);
  }
  assert.equal((await parse('ps', '--secret=--hub')).text('secret'), '--hub');
});

test('an option that was not given has no value, and a flag that was given is on', async () => {
  const args = await parse('ps', '--json');
  assert.equal(args.has('json'), true);
  assert.equal(args.has('hub'), false);
  assert.equal(args.text('hub'), undefined);
  assert.deepEqual(args.list('hub'), []);
});

test('an option and its opposite are told apart, also where only the opposite is there', async () => {
  const given = async (command: string, ...argv: string[]) => {
    const args = await parse(command, ...argv);
    return ['tty', 'no-tty', 'no-roll'].filter((name) => args.has(name));
  };
  assert.deepEqual(await given('run', '-t', '--', 'x'), ['tty']);
  assert.deepEqual(await given('run', '--tty', '--', 'x'), ['tty']);
  assert.deepEqual(await given('run', '-T', '--', 'x'), ['no-tty']);
  assert.deepEqual(await given('run', '--', 'x'), []);
  assert.deepEqual(await given('env', 'set', 'A=b', '--no-roll'), ['no-roll']);
  assert.deepEqual(await given('env', 'set', 'A=b'), []);
});

test('+NAME is a remote, before and after other words', async () => {
  assert.equal((await parse('ps', '+prod')).text('remote'), 'prod');
  const args = await parse('stop', '+prod', '1e99f4', '--grace=1s', 'd7048a');
  assert.equal(args.text('remote'), 'prod');
  assert.deepEqual(args.words, ['1e99f4', 'd7048a']);
  assert.equal((await parse('spawn', '+prod', 'node', '+x')).text('remote'), 'prod');
});

test('drones may be named more than once, with either option', async () => {
  const args = await parse('spawn', '--drone=a', '--drones', 'b', '--drones=/c/i', '--', 'x');
  assert.deepEqual(args.list('drone'), ['a', 'b', '/c/i']);
});

test('--env.NAME=VALUE collects variables', async () => {
  const args = await parse(
    'spawn',
    '--env.A=1',
    '--env.B',
    'two words',
    '--env.C=',
    '--env.D=x=y',
    '--',
    'x',
  );
  assert.deepEqual(args.pairs('env'), { A: '1', B: 'two words', C: '', D: 'x=y' });
  const own = (await parse('spawn', '--env.constructor=x', '--', 'y')).pairs('env');
  assert.equal(Object.getOwnPropertyDescriptor(own, 'constructor')?.value, 'x');
  await assert.rejects(parse('spawn', '--env.__proto__=x', '--', 'y'), {
    code: 'EUSAGE',
    message: /'__proto__' cannot name a variable/,
  });
});

test('the command to run starts at the first bare word or at --, and is not changed', async () => {
  const cases: [string[], string[]][] = [
    [
      ['--', 'node', 'server.js', '8080'],
      ['node', 'server.js', '8080'],
    ],
    [
      ['node', '--drone=x', '-v', '--', '--env.X=1'],
      ['node', '--drone=x', '-v', '--', '--env.X=1'],
    ],
    [
      ['--drone=web1', '--', '--weird', '+x'],
      ['--weird', '+x'],
    ],
    [
      ['--drone', 'web1', 'ls', '-la'],
      ['ls', '-la'],
    ],
    [
      ['--', '--', 'x'],
      ['--', 'x'],
    ],
    [
      ['-', 'x'],
      ['-', 'x'],
    ],
    [['--'], []],
  ];
  for (const [argv, words] of cases)
    assert.deepEqual((await parse('exec', ...argv)).words, words, argv.join(' '));
});

test('short options may be joined with their value and with each other', async () => {
  for (const argv of [
    ['-fn', '5'],
    ['-f', '-n5'],
    ['-f', '-n', '5'],
    ['--follow', '-n=5'],
    ['--follow', '--lines=5'],
  ]) {
    const args = await parse('logs', ...argv, '1e99f4');
    assert.equal(args.text('lines'), '5', argv.join(' '));
    assert.equal(args.has('follow'), true);
    assert.deepEqual(args.words, ['1e99f4']);
  }
});

test('subcommands are known by all their names', async () => {
  assert.equal((await parse('remote', 'add', 'prod', '--hub=x')).verb, 'add');
  assert.deepEqual((await parse('remote', 'remove', 'prod')).words, ['prod']);
  assert.equal((await parse('remote', 'remove', 'prod')).verb, 'rm');
  assert.equal((await parse('remote')).verb, '');
  assert.equal((await parse('hub', '7000')).verb, '');
  assert.equal((await parse('hub', 'install', '--user')).verb, 'install');
});

test('a mistake is one sentence that says what was probably meant', async () => {
  const cases: [string[], RegExp][] = [
    [['spawn', '--dorne=web1', '--', 'x'], /unknown option '--dorne=web1'; did you mean --drone\?/],
    [['ps', '--jsno'], /did you mean --json\?/],
    [['ps', '--zzz'], /unknown option '--zzz'; see: fleet help ps/],
    [['spawn', '--env=X', '--', 'x'], /write --env\.NAME=VALUE/],
    [['spawn', '--env', 'X=1', '--', 'x'], /write --env\.NAME=VALUE/],
    [['spawn', '--env.=1', '--', 'x'], /write --env\.NAME=VALUE/],
    [['spawn', '--env.1X=1', '--', 'x'], /'1X' cannot name a variable/],
    [['spawn', '--env.X', '--', 'x'], /--env\.X needs a value: --env\.X=VALUE/],
    [['spawn', '--env.X'], /--env\.X needs a value/],
    [['ps', '--hub'], /--hub needs a value: --hub=HOST:PORT/],
    [['ps', '--hub', '--json'], /--hub needs a value/],
    [['ps', '--json=1'], /--json takes no value/],
    [['deploy', 'master'], /^fleet deploy takes no argument 'master'; did you mean --commit=master\?$/],
    [['monitor', 'web1'], /did you mean --drone=web1\?/],
    [['prune', 'web1'], /^fleet prune takes no argument 'web1'; see: fleet help prune$/],
    [['logs', '--tail', '5'], /^unknown option '--tail'; did you mean --lines\?$/],
    [['deploy', '--branch=main'], /did you mean --commit\?/],
    [['remote', 'ad'], /fleet remote has no 'ad'; did you mean add\?/],
    [['remote', 'ls', '--hub=x'], /--hub does not belong to: fleet remote ls/],
    [['hub', '--print'], /--print does not belong to: fleet hub$/],
    [['version', 'x'], /takes no argument 'x'/],
  ];
  for (const [[name = '', ...argv], message] of cases) assert.match(await refusal(name, ...argv), message);
});

test("--help is fleet's before the command to run, and the command's own after it", async () => {
  const asksForHelp = async (name: string, ...argv: string[]) =>
    (await parseArguments(argv, commandOf(name))) === undefined;
  assert.equal(await asksForHelp('deploy', '--help'), true);
  assert.equal(await asksForHelp('deploy', '--commit=x', '-h'), true);
  assert.equal(await asksForHelp('deploy', '--nope', '--help', '--commit'), true);
  assert.equal(await asksForHelp('logs', '-fh'), true);
  assert.equal(await asksForHelp('remote', 'add', '--help'), true);
  assert.equal(await asksForHelp('exec', '--drone', 'x', '-h'), true);
  assert.equal(await asksForHelp('exec', '--', 'ls', '--help'), false);
  assert.equal(await asksForHelp('exec', 'ls', '--help'), false);
  assert.equal(await asksForHelp('deploy', '--commit', '-h'), false);
  assert.equal(await asksForHelp('deploy'), false);
  assert.match(await refusal('exec', '--nope', '--', 'ls', '--help'), /unknown option '--nope'/);
  assert.match(await refusal('deploy', '--commit', '--help'), /--commit needs a value/);
});

test('a value may begin with dashes, unless it is an option of the same command', async () => {
  const key = '-----BEGIN PRIVATE KEY-----\nMIIE=\n-----END PRIVATE KEY-----\n';
  for (const argv of [[`--env.KEY=${key}`], ['--env.KEY', key]]) {
    const args = await parse('exec', ...argv, '--', 'ls');
    assert.deepEqual(args.pairs('env'), { KEY: key });
  }
  assert.equal((await parse('ps', '--secret', '--x')).text('secret'), '--x');
  assert.match(await refusal('exec', '--env.KEY', '--env.X=1', '--', 'ls'), /--env\.KEY needs a value/);
});
