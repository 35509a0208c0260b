import type { AuditEntry, AuditVerdict, HubEntry, TokenInfo } from '../protocol/answers.ts';
import type { FleetError } from '../protocol/errors.ts';
import type { AppSelector } from './app-types.ts';
import type { PruneReport } from './prune-types.ts';
import type { InvitationOptions, TokenOptions } from './token-types.ts';

/** What became of an app that was to be forgotten. */
export interface ForgetReport {
  app: string;
  /** Drones on which checkouts are left, and why. */
  failed: Record<string, FleetError>;
  /** Drones that are lost, with the seconds since then: checkouts may be left there. */
  absent: Record<string, number>;
}

/** The new secret of a hub. */
export interface SecretRotation {
  secret: string;
  /** How long the old one is taken as well, in milliseconds. */
  grace: number;
}

/** How to check the audit trail. */
export interface AuditCheck {
  /** The `last` of an earlier check: an entry that must still be there, unless it is too old to be kept. */
  expect?: AuditVerdict['last'] | null;
}

/** The same for several hubs. */
export interface AuditChecks {
  /** By the name of a hub; '' for the one that is asked. */
  expect?: Readonly<Record<string, AuditVerdict['last']>>;
}

/** Entries of several hubs; each has the name of its own as `hub`. */
export interface AuditTrails {
  entries: AuditEntry[];
  /** By the name of a hub: why it has not answered. */
  unanswered: Record<string, FleetError>;
}

/** What was found, by the name of the hub; '' for one that is alone. */
export type AuditVerdicts = Record<string, AuditVerdict | FleetError>;

/** A repository of the hub's. */
export interface RepositoryInfo {
  repo: string;
  /** What it takes on the hub's disk. */
  bytes: number;
  /** The commit that was deployed last; null if none was. */
  commit: string | null;
  /** How many processes run from it. */
  processes: number;
  /** The names of its apps. */
  apps: string[];
}

/** What became of a commit that was to be forgotten. */
export interface ForgottenCommit {
  /** The refs of the hub that contain it all the same. */
  refs: string[];
  /** Drones that have not removed it, and why. */
  failed: Record<string, FleetError>;
  /** Lost drones, which keep what they have of it, with the seconds since they were lost. */
  absent: Record<string, number>;
}

/** What a client can do to look after a hub. Every method rejects with FleetError. */
export interface AdminClient {
  /** Stops an app, removes its checkouts, and forgets it; its shared files stay. Needs the right `admin`. */
  forget(app?: AppSelector & { wait?: number | undefined }): Promise<ForgetReport>;
  /** Forgets a lost drone. Throws ENODRONE if it is connected. Needs the right `admin`. */
  droneForget(name: string): Promise<void>;
  /** Sets labels that win over the drone's own, and takes others of these back. Needs the right `admin`. */
  droneLabel(name: string, set: Record<string, string>, unset?: string[]): Promise<void>;
  repoList(): Promise<RepositoryInfo[]>;

  /** Returns the hubs of a cluster, by name; for a hub that is alone, that one. */
  hubs(): Promise<HubEntry[]>;
  /**
   * Removes a repository with all its commits. Throws EBUSY if an app or a process uses it, ENOREPO if there is none of this
   * name. Needs the right `admin`.
   */
  repoRemove(repo: string): Promise<void>;
  /**
   * Removes a commit from the hub and its drones, with every object that nothing else needs. Throws EBUSY if something runs from
   * it, or if a release needs it: one that is live or, without `force`, one to which a rollback may go; ENOREPO, ENOCOMMIT if
   * nobody has it. Needs the right `admin`.
   */
  commitForget(repo: string, commit: string, options?: { force?: boolean }): Promise<ForgottenCommit>;
  /** Returns the token's text, of which the hub keeps only a hash. Throws EFORBIDDEN without the right `admin`. */
  tokenCreate(options: TokenOptions): Promise<string>;
  /**
   * Returns an invitation, with which one drone joins, once: it makes a key of its own. Throws EFORBIDDEN without the right
   * `admin`, EPROTOCOL at an older hub.
   */
  tokenInvite(options?: InvitationOptions): Promise<string>;
  tokenList(): Promise<TokenInfo[]>;
  tokenRemove(name: string): Promise<void>;
  /** Returns a sentence about when the secret of this client is refused, if it was replaced; else null. */
  secretEnds(): Promise<string | null>;
  /**
   * Replaces the secret of the hub, and returns when the old one is refused, in ms since 1970. Throws EFORBIDDEN unless this
   * client came with the secret that is in force.
   */
  rotateSecret(options: SecretRotation): Promise<number>;
  /** Returns the newest `count` entries of the audit trail, oldest first; of several hubs, those that {@link trails} returns. */
  audit(count: number): Promise<AuditEntry[]>;
  /** Returns the newest `count` entries of all audit trails of a cluster, in the order of their times. */
  trails(count: number): Promise<AuditTrails>;
  /** Checks the audit trail of each hub of a cluster, or of the hub that is alone. Needs the right `admin`. */
  auditVerifyAll(options?: AuditChecks): Promise<AuditVerdicts>;
  /** Checks that no entry of the audit trail was changed or removed. Needs the right `admin`. */
  auditVerify(options?: AuditCheck): Promise<AuditVerdict>;
  /** Removes checkouts that are not needed any more, or with `dryRun` says which. Needs the right `admin`, or `read`. */
  prune(options?: { dryRun?: boolean }): Promise<PruneReport>;
}
