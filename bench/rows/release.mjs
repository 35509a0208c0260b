import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE_FLOOR, time, timeOf } from '../command.mjs';
import { FLEET, Fleet } from '../fleet.mjs';
import { interleave } from '../interleave.mjs';
import { line, peerLine, plainLine } from '../line.mjs';
import { Pm2 } from '../peers/pm2.mjs';
import { commitChange, makeRepository } from '../repository.mjs';
import { summary } from '../statistics.mjs';

const DRONES = 4;
const INSTANCES = 8;
const BOOT_MS = 150;
const GOAL_OVER_PARTS_MS = 1500;
const SERVER = `setTimeout(
  () => require('node:http').createServer((request, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1'),
  ${BOOT_MS},
);
`;

/** Releases of a change to 4 drones with 2 instances each, and the commands that read what was released. */
export async function measure(stage) {
  const fleet = await Fleet.start(stage, { drones: DRONES });
  const atOnce = await appWith(stage, 'at-once', INSTANCES);
  const oneByOne = await appWith(stage, 'one-by-one', 1);
  for (const dir of [atOnce, oneByOne]) await fleet.run(['up'], dir);
  return [
    ...(await releaseLines(stage, fleet, atOnce, oneByOne)),
    ...(await readingLines(stage, fleet, atOnce)),
  ];
}

async function appWith(stage, name, parallel) {
  const dir = join(stage.dir, name);
  await makeRepository(dir, { files: 20, bytes: 1000 });
  writeFileSync(join(dir, 'server.js'), SERVER);
  const service = `command = "node server.js"\ncount = ${INSTANCES}\nparallel = ${parallel}\nstop = { grace = "2s" }\n`;
  writeFileSync(join(dir, 'fleet.toml'), `[services.web]\n${service}`);
  await commitChange(dir);
  return dir;
}

/** The floor are the parts of a release, one after the other: a deploy of such a change, and each boot that is waited for. */
async function releaseLines(stage, fleet, atOnce, oneByOne) {
  const pm2 = await Pm2.start(stage);
  await pm2?.startCluster('cluster', SERVER, INSTANCES);
  const plain = join(stage.dir, 'plain');
  await makeRepository(plain, { files: 20, bytes: 1000 });
  const up = async (dir) => {
    await commitChange(dir);
    return time([...FLEET, 'up'], fleet.client(dir));
  };
  const samples = await interleave(stage.rounds.long, {
    deploy: async () => {
      await commitChange(plain);
      return time([...FLEET, 'deploy'], fleet.client(plain));
    },
    boot: () => bootTime(stage),
    atOnce: () => up(atOnce),
    oneByOne: () => up(oneByOne),
    ...(pm2 && { pm2: async () => (await pm2.run('reload', 'cluster')).ms }),
  });
  const partsFor = (boots) => samples.deploy.map((deploy, round) => deploy + boots * samples.boot[round]);
  return [
    overParts('all 8 at once', samples.atOnce, partsFor(1)),
    overParts('one by one', samples.oneByOne, partsFor(INSTANCES)),
    ...(pm2
      ? [
          peerLine({
            ...{
              what: '`pm2 reload`, 8 of a cluster on one machine, no deploy',
              floor: 'a boot',
              unit: 'ms',
            },
            ...{ ours: samples.pm2, floors: samples.boot },
          }),
        ]
      : []),
  ];
}

function overParts(how, ours, parts) {
  const over = summary(ours.map((ms, round) => ms - parts[round]));
  return plainLine({
    what: `\`fleet up\`, 4 drones × 2 that boot in ${BOOT_MS} ms, ${how}`,
    floor: '`fleet deploy`, and the boots one after the other',
    unit: 'ms',
    ours,
    floors: parts,
    goal: `< ${GOAL_OVER_PARTS_MS} ms more`,
    met: over.median < GOAL_OVER_PARTS_MS,
    notes: [
      `${Math.round(over.median)} ms more than the parts (${Math.round(over.low)} to ${Math.round(over.high)})`,
    ],
  });
}

/** Milliseconds from the start of an instance until it accepts a connection. */
async function bootTime(stage) {
  const port = 41_000 + Math.floor(Math.random() * 1000);
  const file = join(stage.dir, 'server.js');
  writeFileSync(file, SERVER);
  return timeOf(async () => {
    const server = spawn(process.execPath, [file], { env: { PORT: String(port) }, stdio: 'ignore' });
    stage.later(() => server.kill('SIGKILL'));
    while (!(await accepts(port))) await sleep(2);
    server.kill('SIGKILL');
    await once(server, 'exit');
  });
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** What was released is read as fast as what runs. */
async function readingLines(stage, fleet, dir) {
  const of = (command) => () => time([...FLEET, command], fleet.client(dir));
  const { node, ps, status, releases } = await interleave(stage.rounds.short, {
    node: () => time(NODE_FLOOR),
    ps: of('ps'),
    status: of('status'),
    releases: of('releases'),
  });
  const same = { floor: '`fleet ps`', unit: 'ms', floors: ps, goal: 1.1 };
  return [
    line({ ...same, what: '`fleet status`, 4 drones, 16 instances', ours: status }),
    line({ ...same, what: '`fleet releases`, the same', ours: releases }),
    peerLine({ floor: '`node -e 0`', unit: 'ms', floors: node, what: '`fleet ps`, the same', ours: ps }),
  ];
}
