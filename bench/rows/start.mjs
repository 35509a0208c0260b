import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../command.mjs';
import { FLEET, Fleet } from '../fleet.mjs';
import { interleave } from '../interleave.mjs';
import { plainLine } from '../line.mjs';
import { deployedApp } from '../repository.mjs';
import { differences, median } from '../statistics.mjs';

/** What is run, and the most milliseconds that it may take above `node -e 0`. */
const COMMANDS = [
  { name: 'version', words: ['version'], goalMs: 8 },
  { name: 'ps', words: ['ps'], goalMs: 30 },
  { name: 'spawn', words: ['spawn', '--', 'sleep', '1000'], goalMs: 30 },
  { name: 'stop', words: ['stop', 'ID'], goalMs: 30 },
];

/** Has a program append the milliseconds of processor time that it took to the file of BENCH_REPORT. */
const PRELOAD = `process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  require('node:fs').appendFileSync(process.env.BENCH_REPORT, (user + system) / 1000 + '\\n');
});
`;

/** The processor time that commands take to start and to do little. */
export async function measure(stage) {
  const fleet = await Fleet.start(stage, { drones: 1 });
  const app = await deployedApp(stage, fleet);
  const client = await fleet.connect();
  stage.later(() => client.close());
  const preload = join(stage.place('start'), 'preload.cjs');
  writeFileSync(preload, PRELOAD);
  const spawned = async () => {
    const { drones } = await client.spawn({ ...app.release, command: ['sleep', '1000'] });
    return Object.values(drones)[0].id;
  };
  const cpuOf = async (args) =>
    processorTime([process.execPath, '--require', preload, ...args], fleet.client(app.dir), stage);
  const samples = await interleave(stage.rounds.short, {
    node: () => cpuOf(['-e', '0']),
    ...Object.fromEntries(
      COMMANDS.map(({ name, words }) => [
        name,
        async () => {
          const id = words.includes('ID') ? await spawned() : '';
          return cpuOf([FLEET[1], ...words.map((word) => word.replace('ID', id))]);
        },
      ]),
    ),
  });
  return COMMANDS.map(({ name, goalMs }) => lineOf(name, goalMs, samples));
}

function lineOf(name, goalMs, samples) {
  const more = median(differences(samples[name], samples.node));
  return plainLine({
    what: `\`fleet ${name}\`: processor time`,
    floor: '`node -e 0`',
    unit: 'ms',
    ours: samples[name],
    floors: samples.node,
    goal: `≤ ${goalMs} ms more`,
    met: more <= goalMs,
  });
}

async function processorTime(argv, { cwd, env }, stage) {
  const report = join(stage.place('start'), 'report');
  writeFileSync(report, '');
  await run(argv, { cwd, env: { ...env, BENCH_REPORT: report } });
  return Number(readFileSync(report, 'utf8'));
}
