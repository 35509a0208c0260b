import { NODE_FLOOR, time } from '../command.mjs';
import { FLEET } from '../fleet.mjs';
import { interleave } from '../interleave.mjs';
import { line } from '../line.mjs';

/** `fleet version` and `fleet help`: the cost of starting a program with many commands. */
export async function measure(stage) {
  const samples = await interleave(stage.rounds.short, {
    node: () => time(NODE_FLOOR),
    version: () => time([...FLEET, 'version']),
    help: () => time([...FLEET, 'help']),
  });
  const floors = samples.node;
  return ['version', 'help'].map((name) =>
    line({
      what: `\`fleet ${name}\``,
      floor: '`node -e 0`',
      unit: 'ms',
      goal: 1.1,
      ours: samples[name],
      floors,
    }),
  );
}
