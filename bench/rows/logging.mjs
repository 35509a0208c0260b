import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { Fleet } from '../fleet.mjs';
import { interleave } from '../interleave.mjs';
import { line } from '../line.mjs';
import { deployedApp } from '../repository.mjs';

const MEGABYTES = 300;
const PER_SECOND = 100;
/**
 * Writes a number of MB in lines of 100 bytes, 1 MB at a time, with a limit in MB per second (0: as fast as it can). Then
 * writes to a file how many milliseconds that took or, without a limit, how many it spent in write(2).
 */
const WRITER = `
  const { writeSync, writeFileSync } = require('fs');
  const [, result, total, rate] = process.argv;
  const piece = Buffer.from(('x'.repeat(99) + '\\n').repeat(10_000));
  const started = process.hrtime.bigint();
  let spent = 0n;
  const write = () => {
    const before = process.hrtime.bigint();
    for (let at = 0; at < piece.length;) at += writeSync(1, piece, at);
    spent += process.hrtime.bigint() - before;
  };
  (async () => {
    for (let n = 1; n <= total; n++) {
      write();
      const early = rate > 0 ? (1000 * n) / rate - Number(process.hrtime.bigint() - started) / 1e6 : 0;
      if (early > 0) await new Promise((next) => setTimeout(next, early));
    }
    const elapsed = process.hrtime.bigint() - started;
    writeFileSync(result, String(Number(rate > 0 ? elapsed : spent) / 1e6));
    setInterval(() => {}, 1e9);
  })();
`;

/** What logging costs a process, compared with writing to a plain file. */
export async function measure(stage) {
  const fleet = await Fleet.start(stage, { drones: 1 });
  const app = await deployedApp(stage, fleet);
  const dir = stage.place('logging');
  const result = `${dir}/spent`;
  const argv = (rate) => ['node', '-e', WRITER, result, String(MEGABYTES), String(rate)];
  const spent = async () => {
    for (;;) {
      try {
        const text = readFileSync(result, 'utf8');
        if (text !== '') return Number(text);
      } catch {
        // Not written yet.
      }
      await new Promise((next) => setTimeout(next, 50));
    }
  };
  const logged = (rate) => async () => {
    rmSync(result, { force: true });
    const { stdout } = await fleet.run(['spawn', '--', ...argv(rate)], app.dir);
    const ms = await spent();
    await fleet.run(['stop', /#(\w{6})/.exec(stdout)[1]], app.dir);
    return ms;
  };
  const bare = (rate) => async () => {
    rmSync(result, { force: true });
    const file = openSync(`${dir}/bare.log`, 'a');
    const [command, ...args] = argv(rate);
    const child = spawn(command, args, { stdio: ['ignore', file, 'inherit'] });
    closeSync(file);
    const ms = await spent();
    child.kill('SIGKILL');
    await once(child, 'close');
    rmSync(`${dir}/bare.log`);
    return ms;
  };
  const samples = await interleave(stage.rounds.long, {
    slowBare: bare(PER_SECOND),
    slow: logged(PER_SECOND),
    fastBare: bare(0),
    fast: logged(0),
  });
  const same = { floor: 'the same to a plain file', unit: 'ms' };
  return [
    line({
      ...same,
      what: `a process writes ${MEGABYTES} MB at ${PER_SECOND} MB/s`,
      goal: 1.1,
      ours: samples.slow,
      floors: samples.slowBare,
    }),
    line({
      ...same,
      what: `a process writes ${MEGABYTES} MB as fast as it can: time spent in write(2)`,
      goal: 1.5,
      ours: samples.fast,
      floors: samples.fastBare,
    }),
  ];
}
