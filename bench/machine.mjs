import { execFileSync, spawnSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { NODE_FLOOR, time } from './command.mjs';
import { median } from './statistics.mjs';

const ROUNDS = 11;
const ADDITIONS = 100_000_000;
const FORKS = 50;

/** Describes the machine. Results of different machines are not mixed in one table. */
export function machine() {
  const git = execFileSync('git', ['--version'], { encoding: 'utf8' }).trim();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  return `${cpus().length} cores, ${memory}, ${platform()} ${arch()}, ${git}`;
}

/**
 * Returns how fast the machine is, in milliseconds: a loop of 100 million additions, to start a program and wait for its end,
 * and `node -e 0`; and its load, from which it can be seen whether something else was running.
 */
export async function speed() {
  const [load = 0] = loadavg();
  const node = [];
  for (let round = 0; round < ROUNDS; round++) node.push(await time(NODE_FLOOR));
  return {
    loopMs: median(repeated(ROUNDS, loop)),
    forkMs: median(repeated(FORKS, fork)),
    nodeMs: median(node),
    load,
  };
}

function repeated(rounds, act) {
  return Array.from({ length: rounds }, () => {
    const from = performance.now();
    act();
    return performance.now() - from;
  });
}

function loop() {
  let sum = 0;
  for (let at = 0; at < ADDITIONS; at++) sum = (sum + at) | 0;
  return sum;
}

const fork = () => spawnSync('/bin/true');
