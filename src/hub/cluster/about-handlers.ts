import type { HubCalls } from '../../protocol/hub-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { Repositories } from '../repositories.ts';
import { aboutHub, type OwnHub } from './hub-list.ts';
import type { Trails } from './trails.ts';

/** Tells another hub what is at this one. */
export function aboutHandlers(
  self: OwnHub,
  trails: Trails,
  repositories: Pick<Repositories, 'here'>,
): Pick<Handlers<HubCalls>, 'about' | 'audit.read' | 'audit.check' | 'repositories'> {
  return {
    about: () => aboutHub(self),
    ...trails.handlers(),
    repositories: async () => ({ repositories: await repositories.here() }),
  };
}
