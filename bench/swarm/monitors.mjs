import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { FLEET } from '../fleet.mjs';
import { plainLine } from '../line.mjs';
import { cpuSeconds, memory, peakMemory } from '../proc.mjs';

const MONITORS = 20;
/** Per drone. */
const LINES_PER_SECOND = 10;

/** Twenty monitors of all drones while all print; one monitor is suspended and reads nothing. */
export async function monitorsLine(swarm, stage) {
  const { fleet, size } = swarm;
  const seconds = stage.quick ? 5 : 15;
  const monitors = Array.from({ length: MONITORS }, () =>
    spawn(FLEET[0], [FLEET[1], 'monitor'], { ...fleet.client(), stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  const end = () => {
    for (const monitor of monitors) monitor.kill('SIGKILL');
  };
  stage.later(end);
  const counts = monitors.map((monitor) => countLines(monitor.stdout));
  await allWatch(swarm, counts);
  const shown = () => counts.slice(1).reduce((sum, count) => sum + count.lines, 0);
  const shownBefore = shown();
  monitors[0].kill('SIGSTOP');
  const before = { memory: memory(fleet.hub.pid), cpu: cpuSeconds(fleet.hub.pid) };
  const printed = await swarm.print(LINES_PER_SECOND, seconds);
  const cores = (cpuSeconds(fleet.hub.pid) - before.cpu) / seconds;
  const peak = peakMemory(fleet.hub.pid);
  const came = (shown() - shownBefore) / (printed * (MONITORS - 1));
  end();
  return plainLine({
    what: `${MONITORS} monitors while ${size.toLocaleString('en-US')} drones print: peak memory of the hub`,
    unit: 'MB',
    ours: [peak],
    goal: 'bounded',
    met: peak < before.memory + 250,
    notes: [
      `${Math.round(printed / seconds).toLocaleString('en-US')} lines/s printed, ${(came * 100).toFixed(0)} % of them shown by each of the ${MONITORS - 1} that read; ${cores.toFixed(2)} cores; ${Math.round(before.memory)} MB before; one monitor was suspended and read nothing`,
    ],
  });
}

function countLines(stream) {
  const count = { lines: 0 };
  stream.on('data', (chunk) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count.lines++;
  });
  return count;
}

/** Makes events until every monitor has shown one. */
async function allWatch({ fleet }, counts) {
  const client = await fleet.connect();
  while (!counts.every(({ lines }) => lines > 0)) {
    await client.spawn({ repo: 'webapp', commit: 'c'.repeat(40), command: ['node', 'server.js'] });
    await sleep(200);
  }
  client.close();
}
