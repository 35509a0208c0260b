/** Returns the quantile `q` (0 to 1) of the samples, interpolated between neighbours. */
export function quantile(samples, q) {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)];
  return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at));
}

export function median(samples) {
  return quantile(samples, 0.5);
}

/** Returns the median, and the quartiles as its spread. */
export function summary(samples) {
  return { median: median(samples), low: quantile(samples, 0.25), high: quantile(samples, 0.75) };
}

/** Returns the ratios of two series, pair by pair, so that drift of the machine cancels out. */
export function ratios(ours, floor) {
  return ours.map((sample, at) => sample / floor[at]);
}

/** Returns the differences of two series, pair by pair. */
export function differences(ours, floor) {
  return ours.map((sample, at) => sample - floor[at]);
}
