import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commit, eventually, processesOf } from '../fixtures/local-fleet.ts';
import { stage } from '../fixtures/stage.ts';
import { noTerminal, Terminal } from '../fixtures/terminal.ts';

const on = stage(['web1'], {
  'evil.js': `
    const bytes = ['\\x1b]0;title\\x07', '\\x1b[2J', 'a\\rb', '\\x9b31m', 'caf\\u00e9', '\\x7f', 'tab\\there'];
    process.stdout.write(bytes.join('|') + '\\r\\n');
    if (process.argv[2]) setInterval(() => {}, 1000);
  `,
});

const onTerminal = (...args: string[]) => new Terminal(on.fleet, args, on.app);

/** What the terminal showed, with a newline for the CR LF that terminals make of it. */
const shown = ({ stdout }: { stdout: string }) => stdout.replaceAll('\r\n', '\n');

/** What is left of evil.js where it can do nothing. */
const HARMLESS = '^[]0;title^G|^[[2J|a^Mb|\\x9b31m|café|^?|tab\there';

test('on a terminal, control characters of a remote process are shown and not obeyed', {
  skip: noTerminal,
}, async () => {
  const exec = onTerminal('exec', '-n', '--', 'node', 'evil.js');
  const { code } = await exec.ended;
  const [, id = ''] = /web1#([0-9a-f]{6})/.exec(exec.stdout) ?? [];
  const colour = exec.stdout.slice(0, exec.stdout.indexOf('[web1'));
  assert.equal(shown(exec), `${colour}[web1#${id}]\x1b[0m ${HARMLESS}\n(web1#${id} exited)\n`);
  assert.match(colour, /^.\[3\dm$/);
  assert.equal(code, 0);
});

test('monitor, ps and errors are safe on a terminal too', { skip: noTerminal }, async () => {
  const monitor = onTerminal('monitor');
  const ticker = await on.fleet.spawn(on.app, 'web1', 'sh', '-c', 'while sleep 0.1; do echo tick; done');
  await monitor.printed(/tick/);
  const id = await on.fleet.spawn(on.app, 'web1', 'node', 'evil.js', '\x1b[31m\nx');
  await monitor.printed(/tab\there/);
  monitor.type('\x03');
  await monitor.ended;
  const mine = shown(monitor)
    .split('\n')
    .filter((line) => line.includes(id));
  assert.match(
    mine.join('\n'),
    new RegExp(`^\\(spawned web1#${id} : node evil\\.js '\\^\\[\\[31m\\\\nx'\\)`),
  );
  assert.ok(mine.join('\n').endsWith(`[web1#${id}]\x1b[0m ${HARMLESS}`), mine.join('\n'));
  const ps = onTerminal('ps');
  await ps.ended;
  assert.ok(shown(ps).includes(`command:  node evil.js '^[[31m\\nx'\n`), shown(ps));
  assert.ok(shown(ps).includes('status:   \x1b[32mrunning\x1b[0m\n'));
  const error = onTerminal('exec', '--drone=\x1b[2J', '--', 'true');
  assert.equal((await error.ended).code, 1);
  assert.equal(shown(error), "fleet: no drone matches '^[[2J'; there are: web1\n");
  await on.cli('stop', id, ticker);
});

test('on a terminal, deploy also says which drones have the commit, and how long it took', {
  skip: noTerminal,
}, async () => {
  const again = onTerminal('deploy');
  assert.equal((await again.ended).code, 0);
  // On a slow machine, progress is shown and erased before.
  const result = (terminal: Terminal) => shown(terminal).split('\x1b[K').at(-1) ?? '';
  const to = /^deployed webapp\/[0-9a-f]{40}\nto web1 \(\d+\.\d s(, already at the hub)?\)\n$/;
  assert.equal(to.exec(result(again))?.[1], ', already at the hub', shown(again));
  commit(on.app, { 'more.js': '' });
  const pushed = onTerminal('deploy');
  assert.equal((await pushed.ended).code, 0);
  assert.match(result(pushed), to);
  assert.equal(to.exec(result(pushed))?.[1], undefined);
});

test('piped output is what the process wrote, without colours', { skip: noTerminal }, async () => {
  const { stdout } = await on.cli('exec', '--', 'node', 'evil.js');
  const [, id] = /#([0-9a-f]{6})/.exec(stdout) ?? [];
  const written = '\x1b]0;title\x07|\x1b[2J|a\rb|\x9b31m|café|\x7f|tab\there\r\n';
  assert.equal(stdout, `[web1#${id}] ${written}(web1#${id} exited)\n`);
  const ps = await on.fleet.run(['ps'], { cwd: on.app, env: { FORCE_COLOR: '1', CLICOLOR_FORCE: '1' } });
  assert.ok(!ps.stdout.includes('\x1b'));
  const plain = new Terminal(on.fleet, ['exec', '-n', '--', 'echo', 'x'], on.app, { NO_COLOR: '1' });
  await plain.ended;
  assert.ok(!plain.stdout.includes('\x1b'));
});

test('a terminal is not forwarded as standard input: the process finds it at its end', {
  skip: noTerminal,
}, async () => {
  const exec = onTerminal('exec', '--', 'sh', '-c', '[ -t 0 ] && echo is one; cat; echo end');
  assert.equal((await exec.ended).code, 0);
  assert.doesNotMatch(exec.stdout, /is one/);
  assert.match(exec.stdout, / end\r\n/);
  assert.match(exec.stdout, /^what you type is not forwarded; -t [^\n]*, -n leaves this line out\r\n/);
});

test('Ctrl-C in a terminal ends exec and its remote process, with status 130', {
  skip: noTerminal,
}, async () => {
  const exec = onTerminal('exec', '--', 'sh', '-c', 'echo ready; exec sleep 300');
  await exec.printed(/ready/);
  exec.type('\x03');
  assert.equal((await exec.ended).code, 130);
  await eventually(() => processesOf(join(on.fleet.dir, 'web1')).length === 0, 'it is ended');
});

test('fleet help deploy and fleet deploy --help open the manual page', {
  skip: noTerminal || (!existsSync('/usr/bin/man') && 'there is no man'),
}, async () => {
  for (const args of [
    ['help', 'deploy'],
    ['deploy', '--help'],
  ]) {
    const env = { MANPAGER: 'cat', PAGER: 'cat', LANG: 'C.UTF-8' };
    const help = new Terminal(on.fleet, args, on.app, env);
    assert.equal((await help.ended).code, 0);
    assert.match(shown(help), /^FLEET-DEPLOY\(1\)\s+Fleet manual\s+FLEET-DEPLOY\(1\)\n/i);
  }
  const noMan = new Terminal(on.fleet, ['help', 'deploy'], on.app, { PATH: '/nowhere' });
  assert.equal((await noMan.ended).code, 0);
  assert.match(shown(noMan), /^NAME\n {7}fleet-deploy - /);
});

test('Ctrl-C at a drone prints how many processes it stops, and stops them', {
  skip: noTerminal,
}, async () => {
  const cwd = join(on.fleet.dir, 'typed');
  mkdirSync(cwd);
  on.fleet.droneDirs.add(cwd);
  const drone = new Terminal(
    on.fleet,
    ['drone', `--hub=${on.fleet.address}`, '--secret=beepboop', '--name=typed'],
    cwd,
  );
  await drone.printed(/connected to the hub/);
  await on.fleet.spawn(on.app, 'typed', 'sleep', '300');
  drone.type('\x03');
  assert.equal((await drone.ended).code, 0);
  assert.match(shown(drone), /\^C?stopping 1 process; press Ctrl-C again to leave it running\n/);
  assert.deepEqual(processesOf(cwd), []);
});
