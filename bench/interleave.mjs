/**
 * Takes one sample of each contender in every round, each round in another order, so that a machine whose speed
 * drifts is no advantage to any. `contenders` is `{name: async (round) => number}`; gives `{name: number[]}`, where
 * samples of the same index are of the same round. The first round warms up, and is not counted.
 */
export async function interleave(rounds, contenders) {
  const names = Object.keys(contenders);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    const turn = round % names.length;
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) {
      const sample = await contenders[name](round);
      if (round > 0) samples[name].push(sample);
    }
  }
  return samples;
}
