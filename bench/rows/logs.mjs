import { NODE_FLOOR, run, time } from '../command.mjs';
import { FLEET, Fleet } from '../fleet.mjs';
import { interleave } from '../interleave.mjs';
import { line, peerLine } from '../line.mjs';
import { Pm2 } from '../peers/pm2.mjs';
import { deployedApp } from '../repository.mjs';

const LINES = 100_000;
const SCRIPT = `awk 'BEGIN { for (n = 1; n <= ${LINES}; n++) printf "%079d\\n", n }'; exec sleep 1000`;

/** The last 100 lines of a process that has printed 100,000. */
export async function measure(stage) {
  const fleet = await Fleet.start(stage, { drones: 1 });
  const app = await deployedApp(stage, fleet);
  await fleet.run(['spawn', '--', 'sh', '-c', SCRIPT], app.dir);
  const ours = [...FLEET, 'logs', '-n', '100'];
  await printed(async () => (await run(ours, fleet.client(app.dir))).stdout);
  const pm2 = await Pm2.start(stage);
  await pm2?.startScript('printer', SCRIPT, 1);
  const theirs = ['logs', 'printer', '--nostream', '--lines', '100'];
  if (pm2) await printed(async () => (await pm2.run(...theirs)).stdout);

  const samples = await interleave(stage.rounds.short, {
    node: () => time(NODE_FLOOR),
    fleet: () => time(ours, fleet.client(app.dir)),
    ...(pm2 && { pm2: async () => (await pm2.run(...theirs)).ms }),
  });
  const same = { floor: '`node -e 0`', unit: 'ms', floors: samples.node };
  return [
    line({ ...same, what: '`fleet logs -n 100`', goal: 1.6, ours: samples.fleet }),
    ...(pm2 ? [peerLine({ ...same, what: '`pm2 logs --lines 100 --nostream`', ours: samples.pm2 })] : []),
  ];
}

/** Waits until the last line is there. */
async function printed(read) {
  const last = String(LINES).padStart(79, '0');
  for (let look = 0; look < 100; look++) if ((await read()).includes(last)) return;
  throw new Error('the process does not print its last line');
}
