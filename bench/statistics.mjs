/** The sample below which a share `q` (0 to 1) of all lie, between neighbours in proportion. */
export function quantile(samples, q) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at));
}

export function median(samples) {
  return quantile(samples, 0.5);
}

/** The median, and the quartiles as its spread. */
export function summary(samples) {
  return { median: median(samples), low: quantile(samples, 0.25), high: quantile(samples, 0.75) };
}

/** The ratios of two series, pair by pair: what drifts on the machine drifts in both. */
export function ratios(ours, floor) {
  return ours.map((sample, at) => sample / floor[at]);
}
