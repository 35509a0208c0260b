import type { ClientAnswers } from '../../protocol/client-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { Wanted } from '../deploys.ts';
import type { AppService } from './apps.ts';
import { build } from './up.ts';

type Deployed = ClientAnswers['deploy'];

/** Builds a commit that was deployed, by this hub. Throws as `build`. */
export function buildHere(
  service: Pick<AppService, 'apps' | 'parts'>,
  { repo, commit, drones }: Pick<Wanted, 'repo' | 'commit' | 'drones'>,
): ReturnType<typeof build> {
  return build(service, { repo, stage: null, commit, rebuild: false }, drones);
}

/**
 * Builds a commit that was deployed, if it is an app's, on the drones that get the app; a build that has failed is that
 * drone's error.
 */
export async function buildDeployed(
  service: AppService,
  { repo, commit, drones: only }: Pick<Wanted, 'repo' | 'commit' | 'drones'>,
  deployed: Deployed,
): Promise<Deployed> {
  try {
    const params = { repo, commit, drones: only && [...only] };
    const { leader, parts } = service;
    // What is no app is deployed also while no hub leads.
    if (!leader.isHere) await parts.source.read(repo, commit, null);
    const { drones } = await leader.ask('commit.build', params, () => buildHere(service, params));
    const failed = Object.entries(drones).filter(([name, error]) => error && deployed.drones[name] === null);
    return { ...deployed, drones: { ...deployed.drones, ...Object.fromEntries(failed) }, isApp: true };
  } catch (error) {
    // Only a release needs files that are right; and one that is under way builds for itself.
    if (error instanceof FleetError && ['ECONFIG', 'EBUSY'].includes(error.code)) return deployed;
    throw error;
  }
}
