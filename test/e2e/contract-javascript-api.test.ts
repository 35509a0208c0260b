import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../fixtures/root.ts';
import { stage } from '../fixtures/stage.ts';

const on = stage(['web1', 'web2'], { 'a.txt': 'a' });

/** Runs a program of somebody who has installed fleet; gives what it printed, and its status. */
function consumer(
  file: string,
  text: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const dir = join(on.fleet.dir, 'consumer');
  mkdirSync(join(dir, 'node_modules'), { recursive: true });
  try {
    symlinkSync(ROOT, join(dir, 'node_modules/fleet'));
  } catch {
    // There from before.
  }
  writeFileSync(join(dir, file), text);
  const env = { ...on.fleet.env, HUB: on.fleet.address, APP: on.app };
  const child = spawn(process.execPath, [file], { cwd: dir, env });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      said[stream] += chunk;
    });
  return new Promise((done) => {
    child.once('close', (code) => done({ code, ...said }));
  });
}

test("the original's require('fleet')({ hub, secret }) with ps and stop still works", async () => {
  const id = await on.fleet.spawn(on.app, 'web1', 'sleep', '300');
  const result = await consumer(
    'legacy.js',
    `const fleet = require('fleet')({ hub: process.env.HUB, secret: 'beepboop' });
    fleet.ps((err, drones) => {
      if (err) throw err;
      const [id] = Object.keys(drones.web1);
      console.log(Object.keys(drones), id, drones.web1[id].status, drones.web1[id].command);
      fleet.stop(id, (err, stopped) => {
        console.log(err, JSON.stringify(stopped));
        fleet.stop('pid#' + id, (err) => {
          console.log(err.code, err instanceof require('fleet').FleetError);
          require('fleet')({ hub: process.env.HUB, secret: 'no' }).ps((err) => console.log(err.code, err.message));
        });
      });
    });`,
  );
  assert.deepEqual(result, {
    code: 0,
    stdout: `[ 'web1', 'web2' ] ${id} running [ 'sleep', '300' ]
null {"web1":["${id}"]}
ENOPROCESS true
EAUTH wrong secret
`,
    stderr: '',
  });
});

test('with import, every command is a method, events can be iterated, and errors have a code', async () => {
  const result = await consumer(
    'modern.mjs',
    `import fleet, { connect, createDrone, createHub, FleetError } from 'fleet';
    import { createRequire } from 'node:module';
    console.log(createRequire(import.meta.url)('fleet') === fleet, typeof createHub, typeof createDrone);
    const client = await connect({ hub: process.env.HUB, secret: 'beepboop' });
    const dir = process.env.APP;
    const seen = [];
    const ended = new AbortController();
    const watching = (async () => {
      for await (const item of client.monitor({ signal: ended.signal })) {
        if (item.kind === 'event') seen.push(item.event.type + ' ' + item.event.drone);
        if (item.kind === 'lines') seen.push(...item.lines);
        if (seen.includes('stopped web2')) return;
      }
    })();
    const { repo, drones } = await client.deploy({ dir });
    console.log(repo, JSON.stringify(drones));
    const spawned = await client.spawn({ dir, drones: ['web2'], command: ['sh', '-c', 'echo hello $NAME; exec sleep 300'], env: { NAME: 'you' } });
    const { id } = spawned.drones.web2;
    for await (const item of client.logs({ ids: [id], follow: true })) {
      console.log(item.kind, item.line);
      break;
    }
    console.log((await client.ps()).web2.processes[id].status, (await client.find({ repo })).length);
    console.log(JSON.stringify((await client.stop([id])).drones.web2.stopped) === JSON.stringify([id]));
    await watching;
    console.log(seen.join(', '));
    const exec = await client.exec({ dir, drones: ['web1'], command: ['sh', '-c', 'cat; exit 5'], stdin: (await import('node:stream')).Readable.from([Buffer.from('in')]) });
    for await (const item of exec) console.log('exited' in item ? item.code : item.stream + ' ' + item.bytes);
    const failed = await client.spawn({ dir, drones: ['nope'], command: ['true'] }).catch((error) => error);
    console.log(failed instanceof FleetError, failed.code, failed.message);
    const nodee = await client.spawn({ dir, drones: ['*'], command: ['nodee'] });
    console.log(nodee.drones.web1.error.code, nodee.drones.web2.error.message);
    client.close();
    const wrong = await connect({ hub: process.env.HUB, secret: 'no' }).catch((error) => error);
    console.log(wrong.code);`,
  );
  assert.deepEqual(result, {
    code: 0,
    stdout: `true function function
webapp {"web1":null,"web2":null}
line hello you
running 1
true
spawned web2, hello you, exited web2, stopped web2
stdout in
5
true ENODRONE no drone matches 'nope'; there are: web1, web2
ESPAWN spawn nodee: not found
EAUTH
`,
    stderr: '',
  });
});

test('a hub and drones can run inside a process of your own, and end with it', async () => {
  const result = await consumer(
    'own.cjs',
    `const { connect, createDrone, createHub } = require('fleet');
    (async () => {
      const hub = await createHub({ dir: 'own-hub', port: 0, host: '127.0.0.1', secret: 's' });
      const lines = [];
      const drone = await createDrone({ dir: 'own-drone', hub: '127.0.0.1:' + hub.port, secret: 's', name: 'mine', log: (line) => lines.push(line) });
      await drone.connected;
      const client = await connect({ hub: '127.0.0.1:' + hub.port, secret: 's' });
      console.log(JSON.stringify((await client.deploy({ dir: process.env.APP })).drones), drone.name, drone.running);
      console.log(lines[0], hub.gport > 0, hub.fingerprint, hub.warnings);
      const again = await createHub({ dir: 'own-hub', port: 0, host: '127.0.0.1', secret: 's' }).catch((error) => error.code);
      const taken = await createHub({ dir: 'x', port: hub.port, host: '127.0.0.1', secret: 's' }).catch((error) => error.code);
      console.log(again, taken);
      client.close();
      await drone.close();
      await hub.close();
    })();`,
  );
  assert.deepEqual(result, {
    code: 0,
    stdout: `{"mine":null} mine 0
connected to the hub true null []
EINUSE EINUSE
`,
    stderr: '',
  });
});
