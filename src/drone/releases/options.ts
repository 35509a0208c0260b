import type { HubRemote } from '../../git/remote.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { FetchStates } from './fetch-states.ts';
import type { Running } from './occupancy.ts';
import type { RoomOptions } from './room.ts';

/** What the releases of a drone need to know of it. */
export interface ReleasesOptions extends RoomOptions {
  dir: string;
  /** See `markOf`. */
  mark: string;
  hub(): HubRemote;
  fetches: Pick<FetchStates, 'follow'>;
  supervisor: Running['supervisor'] & {
    /** Settles once no git of an earlier drone is running here. */
    readonly cleared: Promise<unknown>;
  };
  execs: Running['execs'];
  jobs: Pick<Jobs, 'build' | 'stateOf' | 'outcome' | 'active' | 'has'>;
  /** Something that an operator should know, in one line. */
  problem(line: string): void;
}
