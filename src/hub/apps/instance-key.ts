/** The start of an instance, as often as it is ordered; `attempt` counts those of its slot. */
export interface Start {
  app: string;
  release: number;
  service: string;
  slot: number;
  attempt: number;
}

/**
 * Returns the key of the order that starts an instance: that of the first attempt of which the drone has no process. So
 * an order that is given again, because its answer was lost or by another hub, starts nothing twice, while a slot whose
 * instance is still leaving gets a new one.
 */
export function instanceKey(
  start: Omit<Start, 'attempt'>,
  keyOf: (start: Start) => string,
  known: ReadonlySet<string>,
): string {
  for (let attempt = 1; ; attempt++) {
    const key = keyOf({ ...start, attempt });
    if (!known.has(key)) return key;
  }
}
