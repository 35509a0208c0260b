import type { CheckedClientParams, ClientAnswers } from '../../protocol/client-calls.ts';
import { FleetError } from '../../protocol/errors.ts';
import type { HubCalls } from '../../protocol/hub-calls.ts';
import type { Handlers } from '../../rpc/calls.ts';
import type { Audit } from '../audit/audit.ts';
import type { OtherHub, OtherHubs } from './other-hubs.ts';

/** A trail may have a gigabyte, and is read as a whole to be checked. */
const READ_WITHIN_MS = 10_000;
const CHECKED_WITHIN_MS = 120_000;

/** The audit trails of all hubs that are connected, each of which keeps its own. */
export class Trails {
  constructor(
    private readonly own: Pick<Audit, 'read' | 'verify'>,
    /** Null for a hub that is alone. */
    private readonly cluster: { name: string; others: Pick<OtherHubs, 'all' | 'get'> } | null,
  ) {}

  /** Throws ECLOSED if the hub that is meant is not connected, and what the call throws. */
  async read({ count, before = null, hub }: CheckedClientParams['audit']): Promise<ClientAnswers['audit']> {
    const other = this.other(hub);
    const entries = other
      ? (await other.calls.call('audit.read', { count, before }, { timeout: READ_WITHIN_MS })).result.entries
      : await this.own.read(count, before ?? undefined);
    return { entries, ...this.hubs };
  }

  /** Throws as `read` does. */
  async verify({ expect, hub }: CheckedClientParams['audit.verify']): Promise<ClientAnswers['audit.verify']> {
    const other = this.other(hub);
    const verdict = other
      ? (await other.calls.call('audit.check', { expect }, { timeout: CHECKED_WITHIN_MS })).result
      : await this.own.verify(expect);
    return { ...verdict, ...this.hubs };
  }

  /** Serves other hubs. */
  handlers(): Pick<Handlers<HubCalls>, 'audit.read' | 'audit.check'> {
    return {
      'audit.read': async ({ count, before }) => ({
        entries: await this.own.read(count, before ?? undefined),
      }),
      'audit.check': ({ expect }) => this.own.verify(expect),
    };
  }

  private get hubs(): { hubs?: string[] } {
    if (!this.cluster) return {};
    const { name, others } = this.cluster;
    return { hubs: [name, ...others.all().map((one) => one.name)].sort() };
  }

  /** Returns the hub that is meant; null for this one. */
  private other(hub: string | null | undefined): OtherHub | null {
    if (hub === undefined || hub === null || hub === this.cluster?.name) return null;
    const other = this.cluster?.others.get(hub);
    if (other) return other;
    throw new FleetError('ECLOSED', `the hub ${hub} is not connected; fleet hubs lists those that are`);
  }
}
