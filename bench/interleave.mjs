/**
 * Takes one sample of each contender per round, in a different order each round, so that nobody profits if the machine's
 * speed drifts. `contenders` is `{name: async (round) => number}`; returns `{name: number[]}`, in which samples at the same
 * index are from the same round. The first round is a warm-up and is not counted.
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
