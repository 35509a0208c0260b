import { makeRepository } from '../repository.mjs';
import { deployLine } from '../swarm/deploy.mjs';
import { latencyLines } from '../swarm/latency.mjs';
import { monitorsLine } from '../swarm/monitors.mjs';
import { restartLine } from '../swarm/restart.mjs';
import { Swarm } from '../swarm/swarm.mjs';

/** Up to a thousand drones and ten thousand processes on one hub; a hundred with --quick. */
export async function measure(stage) {
  const swarm = await Swarm.start(stage);
  const app = `${stage.dir}/app`;
  await makeRepository(app, { files: 20, bytes: 1000 });
  const lines = [];
  const add = (...some) => {
    lines.push(...some);
    for (const { what, notes } of some) stage.say(`  ${what} ${notes.join('; ')}`);
  };
  for (const size of stage.quick ? [10, 100] : [10, 100, 1000]) {
    await swarm.grow(size);
    add(...(await latencyLines(swarm, stage)));
    // The first ones get their mirrors from this, and later ones by catching up.
    if (size === 10) await deployLine(swarm, app);
    add(await deployLine(swarm, app));
  }
  add(await monitorsLine(swarm, stage));
  add(await restartLine(swarm));
  return lines;
}
