import { fileURLToPath } from 'node:url';
import { run } from '../command.mjs';
import { interleave } from '../interleave.mjs';
import { line, plainLine } from '../line.mjs';
import { median } from '../statistics.mjs';

const SCRIPT = fileURLToPath(new URL('../rpc.ts', import.meta.url));

/** A million calls over one connection, beside a million echoes of a websocket. */
export async function measure(stage) {
  const calls = stage.quick ? 200_000 : 1_000_000;
  const runs = [];
  const call = async (what, round) => {
    const node = [
      process.execPath,
      '--expose-gc',
      '--import',
      'tsx',
      SCRIPT,
      what,
      String(round === 0 ? calls / 20 : calls),
    ];
    const seen = JSON.parse((await run(node)).stdout);
    if (what === 'fleet' && round > 0) runs.push(seen);
    return seen.ms;
  };
  const samples = await interleave(stage.quick ? 1 : 2, {
    ws: (round) => call('ws', round),
    fleet: (round) => call('fleet', round),
  });
  const million = calls.toLocaleString('en-US');
  const flat = runs.map(({ lastTenth, firstTenth }) => lastTenth / firstTenth);
  const growth = median(runs.map(({ heapGrowth }) => heapGrowth));
  return [
    line({
      what: `RPC: ${million} calls over one connection`,
      floor: 'the same echoes over ws',
      unit: 'ms',
      goal: 1.5,
      ours: samples.fleet,
      floors: samples.ws,
    }),
    plainLine({
      what: 'RPC: the last tenth of the calls, compared with the first',
      unit: '×',
      ours: flat,
      goal: 'flat, heap + < 10 MB',
      met: median(flat) < 1.1 && growth < 10,
      notes: [`the heap grows by ${growth.toFixed(1)} MB`],
    }),
  ];
}
