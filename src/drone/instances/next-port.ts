/** The ports that a drone gives to its instances, both ends included. */
export interface PortRange {
  first: number;
  last: number;
}

/**
 * Returns the port to give next: the first that is not taken behind the one that was given last, so that one that was
 * given back comes last; null if all are taken.
 */
export function nextPort(
  { first, last }: PortRange,
  before: number | null,
  isTaken: (port: number) => boolean,
): number | null {
  const size = last - first + 1;
  const start = before === null || before < first || before > last ? 0 : before - first + 1;
  for (let n = 0; n < size; n++) {
    const port = first + ((start + n) % size);
    if (!isTaken(port)) return port;
  }
  return null;
}
