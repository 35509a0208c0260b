import { FleetError } from '../../protocol/errors.ts';
import type { RepositoryRecord } from './repository-record.ts';

interface ChangingRecords {
  get(repo: string): RepositoryRecord | undefined;
  on(event: 'changed', listener: () => void): unknown;
  off(event: 'changed', listener: () => void): unknown;
}

/** Resolves when this hub knows of a change of a record, or of a later one. Rejects with ETIMEOUT. */
export async function recordReached(
  records: ChangingRecords,
  repo: string,
  { id, changes }: Pick<RepositoryRecord, 'id' | 'changes'>,
  withinMs: number,
): Promise<void> {
  const isReached = () => {
    const now = records.get(repo);
    return now !== undefined && (now.id !== id || now.changes >= changes);
  };
  if (isReached()) return;
  await new Promise<void>((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      records.off('changed', look);
    };
    const look = () => {
      if (!isReached()) return;
      end();
      resolve();
    };
    const timer = setTimeout(() => {
      end();
      reject(new FleetError('ETIMEOUT', `this hub does not hear of changes of ${repo}`));
    }, withinMs).unref();
    records.on('changed', look);
  });
}
