import type { AppEvent, AppStatus, ReleaseInfo, ReleaseState } from '../protocol/apps.ts';
import type { FleetError } from '../protocol/errors.ts';
import type { ReleasePlan } from '../protocol/plans.ts';
import type { DeployOptions, Release } from './deploy-types.ts';

/** An app: a repository, or a stage of it. */
export interface AppSelector {
  /** Where the repository's name comes from if it is not given: the current directory by default. */
  dir?: string | undefined;
  repo?: string | undefined;
  /** A stage of the repository; see `fleet up --as`. */
  stage?: string | undefined;
}

export interface UpOptions extends Release, Pick<DeployOptions, 'onProgress'> {
  stage?: string | undefined;
  /** How many instances of each service go ahead, and wait for `promote`. */
  canary?: number | undefined;
  /** Builds anew. */
  rebuild?: boolean | undefined;
  /** Releases also what is live already, and a commit with a secret in its fleet.json. */
  force?: boolean | undefined;
  /** Milliseconds to wait for a release that is under way. */
  wait?: number | undefined;
}

/** Something that has begun at the hub, and goes on without this client. */
export interface Underway {
  app: string;
  release: number;
  /** Yields what happens, from the beginning, and ends with it. */
  events(signal?: AbortSignal): AsyncIterableIterator<AppEvent>;
  /** Resolves to how it ended. */
  ended(): Promise<ReleaseState>;
}

export interface RollbackOptions extends AppSelector {
  /** By default, the newest one before the present that was live. */
  release?: number | undefined;
  /** Keeps the environment of today. */
  keepEnv?: boolean | undefined;
  wait?: number | undefined;
}

export interface Variable {
  name: string;
  /** When it was set; ISO 8601. */
  time: string;
  by: string;
}

/** What a client can do about apps. Every method rejects with FleetError. */
export interface AppsClient {
  /** Releases a commit, which is pushed first if necessary. Resolves to the status if it is live already. */
  up(options?: UpOptions): Promise<Underway | AppStatus>;
  /** Returns what `up` would do, and changes nothing. */
  plan(options?: UpOptions): Promise<ReleasePlan>;
  /** Checks a commit out and builds it, and returns the result of each drone. */
  build(options?: UpOptions): Promise<{
    repo: string;
    commit: string;
    drones: Record<string, FleetError | null>;
    absent: Record<string, number>;
  }>;
  rollback(options?: RollbackOptions): Promise<Underway>;
  planRollback(options?: RollbackOptions): Promise<ReleasePlan>;
  promote(app?: AppSelector): Promise<Underway>;
  planPromote(app?: AppSelector): Promise<ReleasePlan>;
  down(app?: AppSelector & { wait?: number | undefined }): Promise<Underway>;
  /** Returns what `down` would do, or, to `forget` the app, `forget`. */
  planDown(app?: AppSelector & { forget?: boolean | undefined }): Promise<ReleasePlan>;
  /** Replaces the instances of these services, of all by default, one by one as a release does. */
  restartServices(services?: string[], app?: AppSelector & { wait?: number | undefined }): Promise<Underway>;
  /** Sets how many instances services have; null for what fleet.toml says. */
  scale(scale: Record<string, number | null>, app?: AppSelector): Promise<Underway>;
  planScale(scale: Record<string, number | null>, app?: AppSelector): Promise<ReleasePlan>;
  /** Returns with what proxies answer for an app; null if its instances do. */
  maintenance(app?: AppSelector): Promise<string | null>;
  /** Sets that: a text, or HTML if it begins with `<`. Resolves when proxies act by it, after 2 s at the latest. */
  setMaintenance(page: string | null, app?: AppSelector): Promise<void>;
  /** Returns the release that is under way. */
  attach(app?: AppSelector): Promise<Underway | null>;
  status(app?: AppSelector): Promise<AppStatus>;
  /** Returns the newest releases, newest first. */
  releases(app?: AppSelector & { count?: number | undefined }): Promise<ReleaseInfo[]>;
  /** Sets and unsets variables. Resolves to null if the next release brings them. */
  setEnv(
    change: { env?: Record<string, string>; unset?: string[]; roll?: boolean; wait?: number },
    app?: AppSelector,
  ): Promise<Underway | null>;
  listEnv(app?: AppSelector): Promise<Variable[]>;
  getEnv(name: string, app?: AppSelector): Promise<string | null>;
}
