import type { CheckedClientParams, ClientAnswers } from '../protocol/client-calls.ts';
import { FleetError } from '../protocol/errors.ts';
import { demandRepo } from './access/principal.ts';
import type { ClientSession } from './client-session.ts';
import type { Deploys } from './deploys.ts';

/** Deploys for a client, which is told how far that is. Throws as `Deploys.deploy`, and EFORBIDDEN. */
export async function deployFor(
  client: ClientSession,
  params: CheckedClientParams['deploy'],
  deploys: Deploys,
): Promise<ClientAnswers['deploy']> {
  demandRepo(client.who, params.repo);
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
