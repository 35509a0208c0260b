import type { AppFile, Service } from '../../app-file/types.ts';
import type { ReleaseState } from '../../protocol/apps.ts';
import type { AppRecord, ReleaseRecord } from './app-record.ts';
import type { Slot } from './converge.ts';
import type { Placed } from './rescheduling.ts';
import type { Instance, World } from './world.ts';

/** What the hub does next about an app. */
export type Command =
  /** Have a drone check a commit out and build it. */
  | { do: 'prepare'; drone: string; release: ReleaseRecord }
  | { do: 'run job'; release: ReleaseRecord }
  | { do: 'start'; release: ReleaseRecord; service: Service; slot: Slot }
  | { do: 'stop'; instance: Instance; service: Service | null }
  /** In place: it keeps its id and its port. */
  | { do: 'restart'; instance: Instance; service: Service };

/** What becomes known of the app first: it is recorded before anything is done. */
export type Change =
  | { to: ReleaseState; why?: string | null; reason?: string; failed?: Instance | null }
  | Placed
  | { job: { drone: string } }
  | { undecided: string };

export interface Decision {
  /** Recorded first; then there is another decision to make. */
  change: Change | null;
  commands: Command[];
  /** The app is as it should be. */
  isSettled: boolean;
}

export interface Context {
  app: AppRecord;
  world: World;
  fileOf(release: ReleaseRecord): AppFile;
}

/** Nothing is to do now; something may have to be waited for. */
export const WAIT: Decision = { change: null, commands: [], isSettled: false };

/** Returns the decision to do something. */
export function act(commands: Command[], isSettled = false): Decision {
  return { change: null, commands, isSettled };
}

/** Returns the decision that something is so from now on. */
export function record(change: Change): Decision {
  return { change, commands: [], isSettled: false };
}

/** Returns the decision that the release under way gets into another state. */
export function become(to: ReleaseState, why: string | null = null): Decision {
  return record({ to, why });
}

/** Returns the command that stops an instance of a service which is not known. */
export const stopOf = (instance: Instance): Command => ({ do: 'stop', instance, service: null });

export const isStaying = ({ isLeaving }: Instance) => !isLeaving;
