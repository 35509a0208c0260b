/** Returns what is said of a drone that somebody who brings requests cannot reach. */
export function unreachedText(drone: string): string {
  return `${drone} has no address for others; give it --address`;
}
