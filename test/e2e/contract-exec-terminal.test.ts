import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, processesOf } from '../fixtures/local-fleet.ts';
import { stage } from '../fixtures/stage.ts';
import { noTerminal, Terminal } from '../fixtures/terminal.ts';

const on = stage(['web1', 'web2'], { 'long.txt': 'line\n'.repeat(200) });

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
