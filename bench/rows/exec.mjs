import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { FLEET, Fleet } from '../fleet.mjs';
import { interleave } from '../interleave.mjs';
import { line, peerLine } from '../line.mjs';
import { startRelay } from '../relay.mjs';
import { deployedApp } from '../repository.mjs';

const LINES = 2_000_000;
/** Numbered lines of 100 bytes. */
const PRINT = `BEGIN { for (n = 1; n <= ${LINES}; n++) printf "%099d\\n", n }`;

/** 2 million lines of a process, read through fleet and through a pipe. */
export async function measure(stage) {
  const fleet = await Fleet.start(stage, { drones: 1 });
  const app = await deployedApp(stage, fleet);
  const command = ['awk', PRINT];
  const exec = (more = []) => [...FLEET, 'exec', ...more, '--', ...command];
  await demandWholeLines(exec(), fleet.client(app.dir));

  const relay = await startRelay(stage, command);
  const samples = await interleave(Math.max(1, stage.rounds.long - 2), {
    pipe: () => read(command),
    fleet: () => read(exec(), fleet.client(app.dir)),
    raw: () => read(exec(['--raw']), fleet.client(app.dir)),
    relay: () => read(relay),
  });
  const relayed = 'three plain node programs and two TCP connections';
  const same = { floor: relayed, unit: 'ms', floors: samples.relay };
  const what = '2 million lines, 200 MB';
  return [
    line({
      ...same,
      what: `\`fleet exec\`, ${what}`,
      goal: 1.5,
      ours: samples.fleet,
      notes: ['each line arrived once, whole and in order'],
    }),
    line({ ...same, what: `\`fleet exec --raw\`, ${what}`, goal: 1.15, ours: samples.raw }),
    peerLine({
      what: `${relayed}, ${what}`,
      floor: 'the same through a pipe',
      unit: 'ms',
      floors: samples.pipe,
      ours: samples.relay,
      notes: ['what a hub in the middle costs on its own'],
    }),
  ];
}

/** Returns the milliseconds until all output of a command is read. Throws if lines are missing. */
async function read([file, ...args], options = {}) {
  const from = performance.now();
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  let lines = 0;
  child.stdout.on('data', (chunk) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  });
  await once(child, 'close');
  // fleet adds a line of its own when the process has exited.
  if (lines < LINES || lines > LINES + 1) throw new Error(`${lines} lines of ${LINES} came`);
  return performance.now() - from;
}

/** Throws unless each line arrives once, whole and in order. */
async function demandWholeLines([file, ...args], options) {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
  let rest = '';
  let expected = 1;
  child.stdout.setEncoding('latin1').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const one of lines) {
      const body = one.slice(one.indexOf('] ') + 2);
      if (expected <= LINES && (body.length !== 99 || Number(body) !== expected))
        throw new Error(`line ${expected} is: ${one}`);
      expected++;
    }
  });
  await once(child, 'close');
  if (expected !== LINES + 2) throw new Error(`${expected - 2} lines of ${LINES} came`);
}
