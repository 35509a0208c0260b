import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, processesOf } from '../fixtures/local-fleet.ts';
import { assertFailed, stage } from '../fixtures/stage.ts';
import { noTerminal, Terminal, TerminalShell } from '../fixtures/terminal.ts';

const on = stage(
  ['web1', 'web2'],
  {
    'long.txt': 'line\n'.repeat(200),
    // Leaves the alternate screen on, says that it was sent SIGHUP, and leaves something behind that ignores signals.
    'stubborn.sh': `
      trap 'echo HUP >"$OUT"; exit' HUP
      trap '' TERM
      printf '\\033[?1049h\\033[?25l'
      (trap '' HUP TERM; exec sleep 302) &
      echo ready
      while :; do sleep 0.05; done
    `,
  },
  ['web2'],
);

/** A command on web1, on a terminal that is typed into. */
function type(...command: string[]): Terminal {
  return new Terminal(on.fleet, ['exec', '-t', '--drone=web1', '--', ...command], on.app);
}

const nothingLeft = () =>
  eventually(() => processesOf(join(on.fleet.dir, 'web1')).length === 0, 'nothing of it is left');

test('exec -t gives a command a terminal: its size, TERM and keys, and its exit status', {
  skip: noTerminal,
}, async () => {
  const shell = type('sh', '-c', 'tty; stty size; echo $TERM; read line; echo "got $line"; exit 7');
  await shell.printed(/xterm\r\n/);
  shell.type('ä b\r');
  const { code, stdout } = await shell.ended;
  assert.match(stdout, /^\(web1#[0-9a-f]{6}\)\r\n\/dev\/pts\/\d+\r\n24 80\r\nxterm\r\nä b\r\ngot ä b\r\n$/);
  assert.equal(code, 7);
});

test('Ctrl-C, Ctrl-D and Ctrl-Z are for the command, and a signal is status 128 + N', {
  skip: noTerminal,
}, async () => {
  const trap = type('sh', '-c', 'trap "echo got INT" INT; echo ready; read x; cat; echo at the end');
  await trap.printed(/ready/);
  trap.type('\x03');
  await trap.printed(/got INT/);
  trap.type('text\r\x04');
  const end = await trap.ended;
  assert.match(end.stdout, /text\r\ntext\r\nat the end\r\n$/);
  assert.equal(end.code, 0);
  const killed = type('sh', '-c', 'echo ready; exec sleep 300');
  await killed.printed(/ready/);
  killed.type('\x03');
  assert.equal((await killed.ended).code, 130);
  const jobs = type('bash', '--norc', '-i');
  await jobs.printed(/[$#] $/);
  jobs.type('sleep 301\r');
  await eventually(() => processesOf(join(on.fleet.dir, 'web1')).length >= 3, 'sleep runs');
  jobs.type('\x1a');
  await jobs.printed(/Stopped/);
  jobs.type('fg\r');
  await jobs.printed(/sleep 301\r\n/, jobs.stdout.indexOf('Stopped') + 30);
  jobs.type('\x03');
  await jobs.printed(/\^C/);
  jobs.type('exit 3\r');
  assert.equal((await jobs.ended).code, 3);
  await nothingLeft();
});

test('the size of the window follows, and full-screen programs work', { skip: noTerminal }, async () => {
  const watch = type('sh', '-c', 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done');
  await watch.printed(/ready/);
  watch.resize(41, 123);
  await watch.printed(/41 123\r\n/);
  // Each size is set by a process: of many at once, the last one counts.
  for (let rows = 20; rows < 32; rows++) watch.resize(rows, rows + 100);
  await watch.printed(/31 131\r\n/);
  const settled = watch.stdout.lastIndexOf('31 131');
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.doesNotMatch(watch.stdout.slice(settled + 6), /\d+ \d+/);
  watch.type('\x03');
  assert.equal((await watch.ended).code, 130);
  const less = type('env', 'LESSSECURE=1', 'less', 'long.txt');
  await less.printed(/long\.txt/);
  less.type('G');
  await less.printed(/\(END\)/);
  less.type('q');
  assert.equal((await less.ended).code, 0);
});

test('a terminal is for one drone, and for a command that is there', { skip: noTerminal }, async () => {
  const two = await on.cli('exec', '-t', '--drone=*', '--', 'true');
  assertFailed(two, 2, 'fleet: a terminal is for a single drone; these are: web1, web2');
  const silent = await on.cli('exec', '-t', '-n', '--drone=web1', '--', 'true');
  assertFailed(silent, 2, /^fleet: -t is for what you type, and -n leaves that out/);
  const missing = type('no-such-command');
  assert.equal((await missing.ended).code, 1);
  assert.match(missing.stdout, /^\[web1\] spawn no-such-command: not found\r\n$/);
});

test('without a terminal here, -t makes one there all the same, and the end of the input is Ctrl-D', {
  skip: noTerminal,
}, async () => {
  const words = ['exec', '-t', '--drone=web1', '--', 'sh', '-c', 'stty -echo; cat; tty; stty size'];
  const { code, stdout } = await on.fleet.run(words, { cwd: on.app, stdin: 'in\n' });
  assert.match(stdout, /in\r\n\/dev\/pts\/\d+\r\n24 80\r\n$/);
  assert.equal(code, 0);
});

test('a drone without script(1) of util-linux says so in one line', async () => {
  const [cwd, bin] = [join(on.fleet.dir, 'bare'), join(on.fleet.dir, 'bin')];
  for (const dir of [cwd, bin]) mkdirSync(dir);
  for (const program of ['sh', 'git', 'stty'])
    symlinkSync(execFileSync('which', [program], { encoding: 'utf8' }).trim(), join(bin, program));
  const target = [`--hub=${on.fleet.address}`, '--secret=beepboop'];
  const bare = on.fleet.start(['drone', ...target, '--name=bare'], { cwd, env: { PATH: bin } });
  await bare.printed(/connected to the hub/);
  assertFailed(
    await on.cli('exec', '-t', '--drone=bare', '--', 'sh', '-c', 'true'),
    1,
    '[bare] cannot make a terminal, which takes script(1) of util-linux (package util-linux or bsdutils) and stty(1)',
  );
  await bare.end();
});

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGKILL'] as const) {
  test(`if the client ends by ${signal}, its terminal is whole again, and the command gets SIGHUP and leaves nothing`, {
    skip: noTerminal,
  }, async () => {
    const out = join(on.fleet.dir, `got-${signal}`);
    const fleet = `exec $FLEET exec -t --drone=web1 --env.OUT=${out} -- sh stubborn.sh`;
    const whole = 'until [ "$(stty -g)" = "$before" ]; do sleep 0.05; done; echo whole';
    const line = `before=$(stty -g); sh -c 'echo client $$; ${fleet}'; ${whole}; read end`;
    const shell = new TerminalShell(on.fleet, line, on.app);
    const [, client] = await shell.printed(/client (\d+)/);
    await shell.printed(/ready/);
    process.kill(Number(client), signal);
    await shell.printed(/whole/);
    const from = shell.stdout.indexOf('ready');
    await eventually(
      () => shell.stdout.slice(from).includes('\x1b[?1049l\x1b[?25h'),
      'the screen is as before',
    );
    shell.type('\n');
    await shell.ended;
    await nothingLeft();
    assert.equal(readFileSync(out, 'utf8'), 'HUP\n');
  });
}

test('if the drone is lost, the terminal is whole again too, and the status is 1', {
  skip: noTerminal,
}, async () => {
  const line =
    'before=$(stty -g); $FLEET exec -t --drone=web2 -- sh stubborn.sh; echo "status $?"; [ "$(stty -g)" = "$before" ] && echo whole';
  const shell = new TerminalShell(on.fleet, line, on.app);
  await shell.printed(/ready/);
  await on.drones['web2']?.end('SIGKILL');
  const { stdout } = await shell.ended;
  const end = stdout.slice(stdout.indexOf('ready'));
  assert.ok(end.includes('\x1b[?1049l\x1b[?25h'), end);
  assert.match(end, /\[web2#[0-9a-f]{6}\] the connection to the drone was lost\r\nstatus 1\r\nwhole\r\n$/);
});
