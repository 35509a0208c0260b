import type { FleetError } from '../../protocol/errors.ts';
import type { KnownDrone } from './known-drone.ts';

/** What the directory of drones emits. */
export interface DirectoryEvents {
  /** In the place of what was known of it before. */
  joined: [KnownDrone, KnownDrone | undefined];
  lost: [KnownDrone, FleetError];
  /** It was lost, and is not expected back. */
  forgotten: [KnownDrone];
  /** This name is free again; its drone was lost long ago. */
  freed: [string];
  /** It was lost too long ago, and is expected no longer. */
  expired: [KnownDrone];
  /** It has other labels. */
  labelled: [KnownDrone];
  /** It has reported something. */
  reported: [KnownDrone];
}
