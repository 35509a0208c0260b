import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fleet } from '../fleet.mjs';
import { line, peerLine } from '../line.mjs';
import { Pm2 } from '../peers/pm2.mjs';
import { memory } from '../proc.mjs';
import { deployedApp } from '../repository.mjs';

/** How many milliseconds everything rests before its memory is measured. */
const REST = 3000;

/** The memory of a drone while nothing happens, and with 100 processes. */
export async function measure(stage) {
  const rounds = stage.quick ? 1 : 3;
  const samples = { node: [], idle: [], busy: [], pm2: [] };
  for (let round = 0; round < rounds; round++) {
    samples.node.push(await idleNode(stage));
    const fleet = await Fleet.start(stage, { drones: 1 });
    await sleep(REST);
    samples.idle.push(memory(fleet.drones[0].pid));
    const app = await deployedApp(stage, fleet);
    const client = await fleet.connect();
    for (let at = 0; at < 100; at++) await client.spawn({ ...app.release, command: ['sleep', '1000'] });
    client.close();
    await sleep(REST);
    samples.busy.push(memory(fleet.drones[0].pid));
    await fleet.end();
  }
  const same = { floor: 'an idle node', unit: 'MB', floors: samples.node };
  return [
    line({ ...same, what: 'memory of a drone, idle', goal: 1.35, ours: samples.idle }),
    line({ ...same, what: 'memory of a drone with 100 processes', goal: 1.4, ours: samples.busy }),
    ...(await pm2Line(stage, same)),
  ];
}

/** Returns the megabytes of a node that does nothing. */
export async function idleNode(stage) {
  const node = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
  stage.later(() => node.kill());
  await sleep(REST);
  const megabytes = memory(node.pid);
  node.kill();
  return megabytes;
}

async function pm2Line(stage, same) {
  const pm2 = await Pm2.start(stage);
  if (!pm2) return [];
  await pm2.startScript('sleeper', 'exec sleep 1000', 100);
  await sleep(REST);
  const ours = same.floors.map(() => memory(pm2.daemonPid));
  return [peerLine({ ...same, what: 'memory of the PM2 daemon with 100 processes', ours })];
}
