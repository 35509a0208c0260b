import type { EventEmitter } from 'node:events';
import type { FleetError } from '../../protocol/errors.ts';
import type { PeerFeatures } from '../../protocol/features.ts';
import type { HubCalls } from '../../protocol/hub-calls.ts';
import type { HubIdentity } from '../../protocol/hub-words.ts';
import type { Caller, Handlers } from '../../rpc/calls.ts';

/** Another hub of the cluster, as long as there is a link with it. */
export interface OtherHub extends Omit<HubIdentity, 'features'> {
  readonly calls: Caller<HubCalls>;
  readonly features: PeerFeatures;
  /** Bytes that it has not read yet. */
  readonly unreadBytes: number;
  /** Resolves, and never rejects, when the link ends. */
  readonly gone: Promise<FleetError>;
}

/** What one hub does for others, of all that {@link HUB_CALLS} has. */
export type HubHandlers = (other: OtherHub) => Partial<Handlers<HubCalls>>;

/** The other hubs; none for one that is alone. A hub whose link has ended and that is back is another one. */
export interface OtherHubs extends EventEmitter<{ come: [OtherHub]; gone: [OtherHub, FleetError] }> {
  /** Ordered by name. */
  all(): readonly OtherHub[];
  get(name: string): OtherHub | undefined;
}
