import { time } from '../command.mjs';
import { Delay, FAR } from '../delay.mjs';
import { FLEET, Fleet } from '../fleet.mjs';
import { interleave } from '../interleave.mjs';
import { plainLine } from '../line.mjs';
import { commitChange, deployedApp, releasedApp } from '../repository.mjs';
import { median } from '../statistics.mjs';

/** Milliseconds each way: long enough that this machine's own pace does not matter. */
const DELAY_MS = 150;
const ROUNDS = 3;

/** What is run, the most round trips that it may take, and whether there is a new commit each time. */
const COMMANDS = [
  { what: '`ps`', words: ['ps'], goal: 3 },
  { what: '`spawn` on any drone', words: ['spawn', '--', 'sleep', '1000'], goal: 3 },
  { what: '`spawn` on a named drone', words: ['spawn', '--drone=drone1', '--', 'sleep', '1000'], goal: 3 },
  { what: '`exec` on a named drone', words: ['exec', '--drone=drone1', '-n', '--', 'true'], goal: 3 },
  { what: '`stop` of a process', words: ['stop', 'ID'], goal: 3 },
  { what: '`logs` of a process', words: ['logs', 'ID', '-n', '10'], goal: 4 },
  { what: '`deploy` of a small change, 3 drones', words: ['deploy'], goal: 7, changes: true },
  { what: '`deploy` of what is there', words: ['deploy'], goal: 3 },
  { what: '`up` of a small change, 3 drones', words: ['up'], goal: 10, changes: true, isReleased: true },
];

/** The round trips of each command to a hub far away: what it takes longer than at a hub nearby, in units of one. */
export async function measure(stage) {
  const fleet = await Fleet.start(stage, { drones: 3 });
  const app = await deployedApp(stage, fleet);
  const released = await releasedApp(stage, fleet);
  await relay(stage, fleet);
  const hubs = { near: fleet.address, far: `${FAR}:${fleet.port}` };
  const lines = [];
  for (const { what, words, goal, changes = false, isReleased = false } of COMMANDS) {
    const { dir } = isReleased ? released : app;
    lines.push(await lineOf(what, goal, (where) => timeAt(fleet, dir, hubs[where], words, changes)));
  }
  return [...lines, await tlsLine(stage)];
}

/** TLS 1.3 is a round trip more, for `ps` and for each other command. */
async function tlsLine(stage) {
  const fleet = await Fleet.startWithTls(stage);
  await relay(stage, fleet);
  const hubs = { near: `https://${fleet.address}`, far: `https://${FAR}:${fleet.port}` };
  const words = ['ps', `--fingerprint=${fleet.fingerprint}`];
  return lineOf('`ps`, with TLS', 4, (where) => timeAt(fleet, undefined, hubs[where], words, false));
}

async function relay(stage, { port, gport }) {
  for (const one of [port, gport]) await Delay.open(stage, one, DELAY_MS);
}

async function lineOf(what, goal, timeFrom) {
  const samples = await interleave(ROUNDS, { near: () => timeFrom('near'), far: () => timeFrom('far') });
  const trips = samples.far.map((far, round) => (far - samples.near[round]) / (2 * DELAY_MS));
  const met = Math.round(median(trips)) <= goal;
  return plainLine({
    what: `${what}, far away`,
    unit: 'trips',
    ours: trips,
    goal: `≤ ${goal}`,
    met,
    notes: [],
  });
}

async function timeAt(fleet, dir, hub, words, changes) {
  if (changes) await commitChange(dir);
  const id = words.includes('ID') ? await spawned(fleet, dir) : '';
  const { cwd, env } = fleet.client(dir);
  const command = [...FLEET, ...words.map((word) => word.replace('ID', id))];
  return time(command, { cwd, env: { ...env, FLEET_HUB: hub } });
}

async function spawned(fleet, dir) {
  const command = ['spawn', '--drone=drone1', '--', 'sh', '-c', 'echo hello; exec sleep 1000'];
  return /#(\w+)\)/.exec((await fleet.run(command, dir)).stdout)[1];
}
