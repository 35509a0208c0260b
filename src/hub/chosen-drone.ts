/**
 * Returns one of these drones for a request: any of them, but the same one at every hub and at each try, also if others have
 * come or gone meanwhile (rendezvous hashing: Thaler and Ravishankar, 1998). So a request that is repeated, because its
 * hub was killed before it had answered, finds the drone that may have served it.
 */
export function chosenDrone<Drone extends { identity: string }>(
  drones: readonly Drone[],
  key: string,
): Drone | undefined {
  const of = numberOf(key);
  let chosen: Drone | undefined;
  let highest = -1;
  for (const drone of drones) {
    const weight = mixed(of ^ numberOf(drone.identity));
    if (weight <= highest) continue;
    highest = weight;
    chosen = drone;
  }
  return chosen;
}

/** Both are random, in hexadecimal digits. */
const numberOf = (random: string) => Number.parseInt(random.slice(0, 8), 16);

/** The last steps of MurmurHash3 (Appleby, 2011): each bit has a say in each bit. */
function mixed(n: number): number {
  const first = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return (second ^ (second >>> 16)) >>> 0;
}
