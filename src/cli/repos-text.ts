import type { RepositoryInfo } from '../client/admin-types.ts';
import { aligned } from '../system/columns.ts';
import { sizeText } from '../system/size-text.ts';

/** Returns a line for each repository: its size, the commit that was deployed last, and what uses it. */
export function repositoryLines(repositories: readonly RepositoryInfo[]): string[] {
  return aligned(
    repositories.map(({ repo, bytes, commit, processes, apps }) => [
      repo,
      sizeText(bytes),
      commit?.slice(0, 7) ?? '-',
      processes === 1 ? '1 process' : `${processes} processes`,
      apps.length === 0 ? '' : `${apps.length === 1 ? 'app' : 'apps'} ${apps.join(' ')}`,
    ]),
  );
}
