import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { commit } from '../fixtures/local-fleet.ts';
import { BIN } from '../fixtures/real-fleet.ts';
import type { Running } from '../fixtures/running.ts';
import { assertFailed, stage } from '../fixtures/stage.ts';

const on = stage(
  ['web1', 'web2'],
  {
    'torn.js': `
    const fs = require('fs');
    const bytes = Buffer.from('grün 漢字 🚀\\n');
    for (let n = 0; n < 50; n++) {
      fs.writeSync(1, 'n' + n + ' ');
      for (const byte of bytes) fs.writeSync(1, Buffer.from([byte]));
    }
    fs.writeSync(1, 'the end\\n');
    setInterval(() => {}, 1000);
  `,
    'count.js': `
    for (let n = 0; n < 2000; n++) console.log('line ' + n);
    setInterval(() => {}, 1000);
  `,
  },
  ['hub'],
);

let ticker: string | undefined;

/** Starts `fleet monitor ARGS…` and waits until it sees what happens. */
async function watch(...args: string[]): Promise<Running> {
  const monitor = on.fleet.start(['monitor', ...args], { cwd: on.app });
  ticker ??= await on.fleet.spawn(on.app, 'web1', 'sh', '-c', 'while sleep 0.1; do echo tick; done');
  await monitor.printed(/tick$/m);
  return monitor;
}

/** What it has printed but for the ticker's lines. */
function seen(monitor: Running, after = 0): string {
  const lines = monitor.stdout.slice(after).split('\n');
  return lines.filter((line) => !line.includes(`#${ticker}]`) && !line.includes(`#${ticker} `)).join('\n');
}

test('monitor shows what is deployed, spawned, printed and exited, on all drones', async () => {
  const monitor = await watch();
  const release = `webapp/${commit(on.app, { 'a.txt': 'a' })}`;
  await on.cli('deploy');
  for (const drone of ['web1', 'web2'])
    await monitor.printed(new RegExp(`^\\(deployed ${drone}#${release}\\)$`, 'm'));
  const mark = seen(monitor).length;
  const command = ['sh', '-c', 'echo "a  b"; echo err >&2; sleep 300'];
  const id = await on.fleet.spawn(on.app, 'web2', ...command);
  await monitor.printed(new RegExp(`^\\[web2#${id}\\] err$`, 'm'));
  await on.cli('stop', id);
  await monitor.printed(new RegExp(`^\\(stopped web2#${id} `, 'm'));
  const shown = `sh -c 'echo "a  b"; echo err >&2; sleep 300'`;
  assert.equal(
    seen(monitor).slice(mark),
    [
      `(spawned web2#${id} : ${shown})`,
      `[web2#${id}] a  b`,
      `[web2#${id}] err`,
      `(exited web2#${id} : ${shown})`,
      `(stopped web2#${id} : ${shown})`,
      '',
    ].join('\n'),
  );
  assert.equal(monitor.stderr, '');
  assert.equal((await monitor.end('SIGINT')).signal, 'SIGINT');
});

test('lines are whole even if a process writes them byte by byte', async () => {
  const monitor = await watch();
  const id = await on.fleet.spawn(on.app, 'web2', 'node', 'torn.js');
  await monitor.printed(/the end$/m);
  const lines = Array.from({ length: 50 }, (_, n) => `[web2#${id}] n${n} grün 漢字 🚀\n`);
  assert.equal(
    seen(monitor).slice(seen(monitor).indexOf(`(spawned web2#${id}`)),
    `(spawned web2#${id} : node torn.js)\n${lines.join('')}[web2#${id}] the end\n`,
  );
  await on.cli('stop', id);
  await monitor.end('SIGINT');
});

test('several monitors and execs side by side each see everything', async () => {
  const monitors = [await watch(), await watch(), await watch('--drone=/^WEB1$/i')];
  const execs = [1, 2].map(() => on.cli('exec', '--drone=web1', '--', 'seq', '1', '3000'));
  const id = await on.fleet.spawn(on.app, 'web1', 'node', 'count.js');
  const other = await on.fleet.spawn(on.app, 'web2', 'node', 'count.js');
  await Promise.all(monitors.map((monitor) => monitor.printed(new RegExp(`#${id}\\] line 1999$`, 'm'))));
  await Promise.all(
    monitors.slice(0, 2).map((monitor) => monitor.printed(new RegExp(`#${other}\\] line 1999$`, 'm'))),
  );
  const expected = (drone: string, id: string) =>
    Array.from({ length: 2000 }, (_, n) => `[${drone}#${id}] line ${n}`);
  for (const monitor of monitors) {
    const mine = monitor.stdout.split('\n').filter((line) => line.startsWith(`[web1#${id}]`));
    assert.deepEqual(mine, expected('web1', id));
  }
  const others = monitors.map((monitor) =>
    monitor.stdout.split('\n').filter((line) => line.startsWith('[web2#')),
  );
  assert.deepEqual(others, [expected('web2', other), expected('web2', other), []]);
  for (const { code, stdout, stderr } of await Promise.all(execs)) {
    assert.deepEqual([code, stderr], [0, '']);
    const numbers = [...stdout.matchAll(/^\[web1#......\] (\d+)$/gm)].map((match) => Number(match[1]));
    assert.deepEqual(
      numbers,
      Array.from({ length: 3000 }, (_, n) => n + 1),
    );
  }
  await on.cli('stop', id, other);
  for (const monitor of monitors) await monitor.end('SIGINT');
});

test('monitor reconnects by itself when the hub was away, and says so on standard error', async () => {
  const monitor = await watch();
  await on.hub.end('SIGKILL');
  await monitor.printed(/^disconnected from the hub$/m);
  on.hub = await on.fleet.hub();
  await monitor.printed(/^connected to the hub$/m);
  await monitor.printed(/tick$/m, monitor.stdout.length + monitor.stderr.length);
  assert.equal(monitor.stderr, 'disconnected from the hub\nconnected to the hub\n');
  await monitor.end('SIGINT');
});

test('a reader that has read enough ends monitor quietly', async () => {
  await watch().then((monitor) => monitor.end('SIGINT'));
  const child = spawn(
    'bash',
    ['-c', `"${process.execPath}" "${BIN}" monitor | head -1; echo "\${PIPESTATUS[@]}"`],
    {
      cwd: on.app,
      env: on.fleet.env,
    },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  await new Promise((resolve) => child.once('close', resolve));
  assert.equal(said, `[web1#${ticker}] tick\n0 0\n`);
});

test('a selector that matches nothing is an error', async () => {
  assertFailed(
    await on.cli('monitor', '--drone=nope'),
    1,
    "fleet: no drone matches 'nope'; there are: web1, web2",
  );
});
