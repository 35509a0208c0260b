import type { CheckedClientParams, ClientAnswers } from '../protocol/client-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import { demandRepo } from './access/principal.ts';
import type { SourceReader } from './apps/source.ts';
import type { ClientSession } from './client-session.ts';
import type { Deploys } from './deploys.ts';

/**
 * Deploys for a client, which is told how far that is. Meanwhile, what the commit says about its app is read, for whoever
 * wants to know that next. Throws as `Deploys.deploy`, and EFORBIDDEN.
 */
export async function deployFor(
  client: ClientSession,
  params: CheckedClientParams['deploy'],
  deploys: Deploys,
  source: Pick<SourceReader, 'read'>,
): Promise<ClientAnswers['deploy']> {
  demandRepo(client.who, params.repo);
  source.read(params.repo, params.commit, null).catch(() => {}); // Whoever needs it will find out.
  try {
    return await deploys.deploy(params, (done, total, fetching) =>
      client.tell('progress', { call: 'deploy', done, total, fetching }),
    );
  } catch (error) {
    const isMissing = error instanceof FleetError && error.code === 'ENOCOMMIT';
    if (!isMissing || client.features.has('deploy-throws')) throw error;
    return { missing: true, drones: {} };
  }
}
