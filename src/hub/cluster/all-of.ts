import type { OtherHub, OtherHubs } from './other-hubs.ts';

/** Asks all other hubs at once. Returns the answers of those that have not failed. */
export async function allOf<T>(
  others: Pick<OtherHubs, 'all'>,
  ask: (other: OtherHub) => Promise<T>,
): Promise<T[]> {
  const answers = await Promise.allSettled(others.all().map(ask));
  return answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}
