import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from '../cluster.mjs';
import { timeOf } from '../command.mjs';
import { interleave } from '../interleave.mjs';
import { line, plainLine } from '../line.mjs';
import { memory } from '../proc.mjs';
import { commitChange, makeRepository } from '../repository.mjs';
import { quantile } from '../statistics.mjs';
import { PROCESSES_EACH, Swarm } from '../swarm/swarm.mjs';

const COMMIT = 'c'.repeat(40);
const INSTANCES = 100;
const GOAL_PS = 1.5;
const GOAL_SPAWN_MS = 30;
const GOAL_KILLED_MS = 15_000;
const GOAL_IDLE = 100;
/** Long enough for all that hubs do by themselves now and then. */
const IDLE = 70;

/** Three hubs that are one, beside one hub with as many simulated drones: `--drones`, or 1,000, and 200 with --quick. */
export async function measure(stage, size = stage.drones ?? (stage.quick ? 200 : 1000)) {
  const cluster = await Cluster.start(stage);
  if (!cluster) return [];
  const one = await oneHub(stage, size);
  const swarm = await Swarm.startAt(stage, cluster);
  const lines = [];
  const add = (...some) => {
    lines.push(...some);
    for (const { what, notes } of some) stage.say(`  ${what}: ${notes.join('; ')}`);
  };
  add(await joinsLine(swarm, size, one));
  add(await psLine(swarm, stage, one));
  await one.end();
  add(await spawnLine(swarm, stage));
  add(await idleLine(swarm, stage), memoryLine(swarm, one));
  add(await releaseLine(swarm, stage));
  add(await killedLine(swarm));
  return lines;
}

const count = (size) => size.toLocaleString('en-US');
const joined = (parts) => parts.join(', ');

/** One hub that has as many drones of its own: how long they take to join, and its memory. */
async function oneHub(stage, size) {
  const swarm = await Swarm.start(stage);
  const { fleet } = swarm;
  const joinMs = await timeOf(() => swarm.grow(size));
  const megabytes = memory(fleet.hub.pid);
  const end = async () => {
    await swarm.end();
    await fleet.end();
  };
  return { fleet, joinMs, megabytes, end };
}

async function joinsLine(swarm, size, one) {
  const from = Date.now();
  const cost = await swarm.fleet.costOf(() => swarm.grow(size));
  return plainLine({
    ...{
      what: `3 hubs: ${count(size)} drones with ${count(size * PROCESSES_EACH)} processes join`,
      unit: 'ms',
    },
    ...{ floor: 'one hub', ours: [1000 * cost.seconds], floors: [one.joinMs], goal: null },
    notes: [`${swarm.busiest(from)} in the busiest second; ${costText(swarm, cost)}`],
  });
}

async function psLine({ fleet, size }, stage, one) {
  const clients = await fleet.connectToEach();
  const alone = await one.fleet.connect();
  let turn = 0;
  const { floors, ours } = await interleave(stage.rounds.short, {
    floors: () => timeOf(() => alone.ps()),
    ours: () => timeOf(() => clients[turn++ % clients.length].ps()),
  });
  for (const client of [alone, ...clients]) client.close();
  const what = `3 hubs: \`client.ps()\` at any of them, ${count(size)} drones`;
  return line({ what, floor: 'one hub with as many', unit: 'ms', ours, floors, goal: GOAL_PS });
}

/** Spawns through the hub of a drone and through another one, in turn. */
async function spawnLine({ fleet, hubs, size }, stage) {
  const names = [...hubs.keys()];
  const clients = new Map();
  for (const hub of fleet.hubs) clients.set(hub.address, await fleet.connectTo(hub));
  const ids = [];
  const spawn = (isOther) => () => {
    const name = names[Math.floor(Math.random() * names.length)];
    const [, client] = [...clients].find(([address]) => (address === hubs.get(name)) !== isOther);
    return timeOf(async () => {
      const { drones } = await client.spawn({
        ...{ repo: 'webapp', commit: COMMIT, drones: [name], command: ['node', 'server.js'] },
      });
      ids.push(`${name}#${drones[name].id}`);
    });
  };
  const rounds = stage.quick ? 200 : 500;
  const { own, other } = await interleave(rounds, { own: spawn(false), other: spawn(true) });
  const [client] = clients.values();
  await client.stop(ids);
  for (const one of clients.values()) one.close();
  const [p99, ownP99] = [other, own].map((all) => quantile(all, 0.99));
  return plainLine({
    what: `3 hubs: \`client.spawn()\` through another than the drone's, p99, ${count(size)} drones`,
    ...{ floor: "through the drone's own, p99", unit: 'ms', ours: [p99], floors: [ownP99] },
    ...{ goal: `< ${GOAL_SPAWN_MS} ms`, met: p99 < GOAL_SPAWN_MS },
    notes: [
      `p50 ${quantile(other, 0.5).toFixed(1)} ms; through the drone's own ${quantile(own, 0.5).toFixed(1)} ms`,
    ],
  });
}

async function idleLine(swarm, stage) {
  const cost = await swarm.fleet.costOf(() => sleep(1000 * (stage.quick ? 10 : IDLE)));
  const messages = cost.messagesIn + cost.messagesOut;
  return plainLine({
    what: `3 hubs: messages a second at the engine while nothing happens, ${count(swarm.size)} drones`,
    ...{ unit: '', ours: [messages], goal: `< ${GOAL_IDLE}`, met: messages < GOAL_IDLE },
    notes: [costText(swarm, cost)],
  });
}

function memoryLine({ fleet, size }, one) {
  const all = fleet.memory();
  return plainLine({
    what: `3 hubs: memory of the largest, ${count(size)} drones`,
    ...{ floor: 'one hub with as many', unit: 'MB', goal: null },
    ...{ ours: [Math.max(...fleet.hubs.map(({ name }) => all[name]))], floors: [one.megabytes] },
    notes: [joined(Object.entries(all).map(([name, mb]) => `${name} ${mb.toFixed(0)} MB`))],
  });
}

/** A change of an app, of which each instance is replaced. Drones fetch nothing. */
async function releaseLine(swarm, stage) {
  const { fleet, size } = swarm;
  const dir = `${stage.dir}/app`;
  await makeRepository(dir, { files: 20, bytes: 1000 });
  const service = `command = "node server.js"\ncount = ${INSTANCES}\nparallel = "25%"\n`;
  writeFileSync(`${dir}/fleet.toml`, `[services.web]\n${service}`);
  const up = async () => {
    await commitChange(dir);
    await fleet.run(['up'], dir);
  };
  await up();
  const cost = await fleet.costOf(up);
  return plainLine({
    what: `3 hubs: \`fleet up\`, ${INSTANCES} instances, a quarter at a time, ${count(size)} drones`,
    ...{ unit: 'ms', ours: [1000 * cost.seconds], goal: null },
    notes: [costText(swarm, cost)],
  });
}

async function killedLine(swarm) {
  const { fleet, size } = swarm;
  const [{ name, address }] = fleet.hubs.slice(-1);
  const atIt = () => [...swarm.hubs.values()].filter((hub) => hub === address).length;
  const its = atIt();
  const from = Date.now();
  await fleet.kill(name);
  // The others do not know at once that it is gone: until then, their ps is what it was.
  while (atIt() > 0) await sleep(50);
  await swarm.complete();
  const ms = Date.now() - from;
  return plainLine({
    what: `3 hubs: one is killed: its ${count(its)} of ${count(size)} drones are at others, and ps is right there`,
    ...{ unit: 'ms', ours: [ms], goal: `< ${GOAL_KILLED_MS / 1000} s`, met: ms < GOAL_KILLED_MS },
    notes: [`${swarm.busiest(from)} joined in the busiest second`],
  });
}

function costText({ fleet }, cost) {
  const cores = [...fleet.hubs.map(({ name }) => name), 'engine'].map(
    (name) => `${name} ${cost[name].toFixed(2)}`,
  );
  return `${Math.round(cost.messagesIn)} messages a second into the engine and ${Math.round(cost.messagesOut)} out; cores: ${joined(cores)}`;
}
