import { NODE_FLOOR, time } from '../command.mjs';
import { FLEET, Fleet } from '../fleet.mjs';
import { interleave } from '../interleave.mjs';
import { line, peerLine } from '../line.mjs';
import { Pm2 } from '../peers/pm2.mjs';
import { deployedApp } from '../repository.mjs';

const PROCESSES_EACH = 10;

/** `fleet ps` of 4 drones with 10 processes each, beside `pm2 list` of 40 processes. */
export async function measure(stage) {
  const fleet = await Fleet.start(stage, { drones: 4 });
  const app = await deployedApp(stage, fleet);
  const client = await fleet.connect();
  stage.later(() => client.close());
  for (let at = 0; at < PROCESSES_EACH; at++)
    await client.spawn({ ...app.release, drones: ['*'], command: ['sleep', '1000'] });
  const pm2 = await Pm2.start(stage);
  await pm2?.startScript('sleeper', 'exec sleep 1000', 4 * PROCESSES_EACH);

  const samples = await interleave(stage.rounds.short, {
    node: () => time(NODE_FLOOR),
    fleet: () => time([...FLEET, 'ps'], fleet.client(app.dir)),
    ...(pm2 && { pm2: async () => (await pm2.run('list')).ms }),
  });
  const same = { floor: '`node -e 0`', unit: 'ms', floors: samples.node };
  return [
    line({ ...same, what: '`fleet ps`, 4 drones, 40 processes', goal: 1.4, ours: samples.fleet }),
    ...(pm2 ? [peerLine({ ...same, what: '`pm2 list`, 40 processes', ours: samples.pm2 })] : []),
  ];
}
