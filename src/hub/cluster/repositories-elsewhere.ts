import { allOf } from './all-of.ts';
import type { OtherHubs } from './other-hubs.ts';

/** One that is slower than this has what others have. */
const ANSWER_WITHIN_MS = 5_000;

/** Returns the repositories of the other hubs that answer, those of one after those of another, with their bytes there. */
export async function repositoriesOf(
  others: Pick<OtherHubs, 'all'>,
): Promise<{ repo: string; bytes: number }[]> {
  const answers = await allOf(others, ({ calls }) =>
    calls.call('repositories', {}, { timeout: ANSWER_WITHIN_MS }),
  );
  return answers.flatMap(({ result }) => result.repositories);
}
