import { writeFileSync } from 'node:fs';
import { timeOf } from '../command.mjs';
import { plainLine } from '../line.mjs';
import { cpuSeconds } from '../proc.mjs';
import { commitChange, makeRepository } from '../repository.mjs';
import { summary } from '../statistics.mjs';
import { Swarm } from '../swarm/swarm.mjs';

const DRONES = 50;
const INSTANCES = 100;
const GOAL_MS = 10_000;
const GOAL_CORES = 0.5;

/** Replaces 100 instances on 50 simulated drones, a quarter at a time. Each boots in 150 ms; commits are fetched by real git. */
export async function measure(stage) {
  const swarm = await Swarm.start(stage);
  await swarm.grow(DRONES);
  const dir = `${stage.dir}/app`;
  await makeRepository(dir, { files: 20, bytes: 1000 });
  const service = `command = "node server.js"\ncount = ${INSTANCES}\nparallel = "25%"\n`;
  writeFileSync(`${dir}/fleet.toml`, `[services.web]\n${service}`);
  const { fleet } = swarm;
  const release = async ({ deployed }) => {
    await commitChange(dir);
    if (deployed) await fleet.run(['deploy'], dir);
    const before = cpuSeconds(fleet.hub.pid);
    const ms = await timeOf(() => fleet.run(['up'], dir));
    return { ms, cores: (cpuSeconds(fleet.hub.pid) - before) / (ms / 1000) };
  };
  await release({ deployed: false });
  const rounds = { whole: [], rolls: [] };
  for (let round = 0; round < stage.rounds.long; round++) {
    rounds.whole.push(await release({ deployed: false }));
    rounds.rolls.push(await release({ deployed: true }));
  }
  return [
    lineOf('with the fetches of 50 drones on this machine', rounds.whole),
    lineOf('already deployed', rounds.rolls),
  ];
}

function lineOf(how, releases) {
  const ours = releases.map(({ ms }) => ms);
  const cores = summary(releases.map((one) => one.cores));
  return plainLine({
    what: `\`fleet up\`, 100 instances on 50 drones, a quarter at a time, ${how}`,
    unit: 'ms',
    ours,
    goal: `< ${GOAL_MS / 1000} s, hub < ${GOAL_CORES} cores`,
    met: summary(ours).median < GOAL_MS && cores.median < GOAL_CORES,
    notes: [`the hub took ${cores.median.toFixed(2)} cores meanwhile`],
  });
}
