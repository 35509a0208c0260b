import { createHash } from 'node:crypto';
import type { AuditEntry, AuditVerdict, HubEntry, TokenInfo } from '../protocol/answers.ts';
import { appName } from '../protocol/app-names.ts';
import { fromWire } from '../protocol/errors.ts';
import { secretEndsText } from '../protocol/features.ts';
import type {
  AdminClient,
  AuditCheck,
  AuditChecks,
  AuditTrails,
  AuditVerdicts,
  ForgetReport,
  ForgottenCommit,
  RepositoryInfo,
  SecretRotation,
} from './admin-types.ts';
import { named } from './app-client.ts';
import type { AppSelector } from './app-types.ts';
import { trails, verdicts } from './audit-trails.ts';
import { prune } from './prune.ts';
import type { PruneReport } from './prune-types.ts';
import type { InvitationOptions, TokenOptions } from './token-types.ts';
import { TrafficCalls } from './traffic-calls.ts';

const HOUR_MS = 3_600_000;

/** Implements {@link AdminClient}, where each method is described. */
export class AdminCalls extends TrafficCalls implements AdminClient {
  async forget({ wait, ...app }: AppSelector & { wait?: number | undefined } = {}): Promise<ForgetReport> {
    const of = await named(app);
    const { result } = await this.link.callOnce('app.forget', { ...of, wait });
    const failed = Object.entries(result.drones).flatMap(([name, one]) =>
      'code' in one ? [[name, fromWire(one)] as const] : [],
    );
    return { app: appName(of), failed: Object.fromEntries(failed), absent: result.absent };
  }

  async droneForget(name: string): Promise<void> {
    await this.link.demand('forget-drones', 'cannot forget a drone');
    await this.link.callOnce('drones.forget', { name });
  }

  async droneLabel(name: string, set: Record<string, string>, unset: string[] = []): Promise<void> {
    await this.link.demand('label-drones', 'cannot label a drone');
    await this.link.callOnce('drones.label', { name, set, unset });
  }

  async hubs(): Promise<HubEntry[]> {
    await this.link.demand('clusters', 'is alone');
    return (await this.link.call('hubs', {})).result.hubs;
  }

  async repoList(): Promise<RepositoryInfo[]> {
    await this.link.demand('repositories', 'cannot list its repositories');
    return (await this.link.call('repos.list', {})).result.repositories;
  }

  async repoRemove(repo: string): Promise<void> {
    await this.link.demand('repositories', 'cannot remove a repository');
    await this.link.callOnce('repos.remove', { repo });
  }

  async commitForget(repo: string, commit: string, { force = false } = {}): Promise<ForgottenCommit> {
    await this.link.demand('forget-commits', 'cannot forget a commit');
    const params = { repo, commit, ...(force ? { force } : {}) };
    const { result } = await this.link.callOnce('commit.forget', params);
    const failed = Object.entries(result.drones).flatMap(([name, one]) =>
      'code' in one ? [[name, fromWire(one)] as const] : [],
    );
    return { refs: result.refs, failed: Object.fromEntries(failed), absent: result.absent };
  }

  async tokenCreate(options: TokenOptions): Promise<string> {
    const { name, can, repo, drone, limits, lifetime, child = false } = options;
    if (limits !== undefined || can.includes('release'))
      await this.link.demand('token-limits', "has no right 'release', and no limits but repositories");
    if (drone !== undefined) await this.link.demand('drone-tokens', 'has no tokens for a single drone');
    if (child) await this.link.demand('token-children', 'has no tokens that end with another');
    const only = {
      ...(drone === undefined ? {} : { drone }),
      ...(limits === undefined ? {} : { limits }),
      ...(child ? { child } : {}),
    };
    const params = { name, can, repo: repo ?? null, lifetime: lifetime ?? null, ...only };
    return (await this.link.callOnce('token.create', params)).result.token;
  }

  async tokenInvite({ name, drone, lifetime = HOUR_MS }: InvitationOptions = {}): Promise<string> {
    await this.link.demand('drone-keys', 'knows no invitations');
    const random = Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
    const params = {
      name: name ?? `invitation-${random}`,
      ...{ can: ['drone' as const], repo: null, drone: drone ?? null, lifetime, invitation: true },
    };
    return (await this.link.callOnce('token.create', params)).result.token;
  }

  async tokenList(): Promise<TokenInfo[]> {
    const { tokens } = (await this.link.call('token.list', {})).result;
    return tokens.map((token) => ({ ...token, parent: token.parent ?? null }));
  }

  async tokenRemove(name: string): Promise<void> {
    await this.link.callOnce('token.remove', { name });
  }

  async secretEnds(): Promise<string | null> {
    return secretEndsText(await this.link.features());
  }

  async rotateSecret({ secret, grace }: SecretRotation): Promise<number> {
    await this.link.demand('rotate-secret', 'cannot replace its secret');
    const hash = createHash('sha256').update(secret).digest('hex');
    return (await this.link.call('secret.rotate', { hash, grace })).result.until;
  }

  async audit(count: number): Promise<AuditEntry[]> {
    return (await this.trails(count)).entries;
  }

  trails(count: number): Promise<AuditTrails> {
    return trails(this.link, count);
  }

  auditVerifyAll(options: AuditChecks = {}): Promise<AuditVerdicts> {
    return verdicts(this.link, options);
  }

  async auditVerify({ expect = null }: AuditCheck = {}): Promise<AuditVerdict> {
    await this.link.demand('audit-chain', 'cannot check its audit trail');
    return (await this.link.call('audit.verify', { expect })).result;
  }

  prune(options?: { dryRun?: boolean }): Promise<PruneReport> {
    return prune(this.link, options);
  }
}
