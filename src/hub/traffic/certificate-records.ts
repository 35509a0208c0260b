import * as v from 'valibot';
import { FleetError } from '../../protocol/errors.ts';
import { KeptRecords } from '../store/kept-records.ts';
import type { Store } from '../store/store.ts';
import type { RecordsChange } from '../store/wishes.ts';

const kept = v.object({
  directory: v.string(),
  fingerprint: v.string(),
  from: v.number(),
  until: v.number(),
  chain: v.string(),
  /** The key, sealed. */
  sealed: v.string(),
});

const host = v.object({
  kept: v.nullable(kept),
  /** How often in a row it got none, by whether the authority was asked. */
  failures: v.object({ asked: v.number(), unasked: v.number() }),
  /** Nobody tries before, in milliseconds since 1970. */
  notBefore: v.number(),
});

const order = v.object({
  key: v.string(),
  host: v.string(),
  until: v.number(),
  challenges: v.optional(v.array(v.object({ token: v.string(), answer: v.string() })), []),
});

export type HostRecord = v.InferOutput<typeof host>;
type Order = v.InferOutput<typeof order>;

/** What a hub keeps of certificates. */
export interface CertificateState {
  /** Keys of accounts, sealed, by the authority's directory. */
  accounts: Readonly<Record<string, string>>;
  hosts: Readonly<Record<string, HostRecord>>;
  /** That which is under way. */
  order: Order | null;
}

/** One record of it, as it is stored. */
export type CertificateRecord = string | HostRecord | Order;

export const NEW_HOST: HostRecord = { kept: null, failures: { asked: 0, unasked: 0 }, notBefore: 0 };

const ACCOUNT = 'account.';
const HOST = 'certificate.';
const ORDER = 'certificate-order';
/** Under which they are stored. */
const CERTIFICATE_PREFIXES = [ACCOUNT, HOST, ORDER] as const;

/** Reads the records of certificates. Throws ECONFIG if one is not what a hub wrote. */
export function openCertificateRecords(store: Store): Promise<KeptRecords<CertificateRecord>> {
  return KeptRecords.open<CertificateRecord>(store, CERTIFICATE_PREFIXES, ({ key, value }) => {
    const schema = key === ORDER ? order : key.startsWith(HOST) ? host : v.string();
    const result = v.safeParse(schema, value, { abortEarly: true });
    if (result.success) return result.output;
    const [issue] = result.issues;
    const at = [key, v.getDotPath(issue) ?? []].flat().join(' ');
    throw new FleetError('ECONFIG', `${store.where(key)}: ${at}: ${issue.message}; fix it or move it away`);
  });
}

/** Returns what some records say. */
export function stateIn(records: ReadonlyMap<string, CertificateRecord>): CertificateState {
  const named = (prefix: string) =>
    [...records].flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
    );
  return {
    accounts: Object.fromEntries(named(ACCOUNT)) as Record<string, string>,
    hosts: Object.fromEntries(named(HOST)) as Record<string, HostRecord>,
    order: (records.get(ORDER) as Order | undefined) ?? null,
  };
}

/** Returns what of the records differs between two states. */
export function changeBetween(
  before: CertificateState,
  after: CertificateState,
): RecordsChange<CertificateRecord>['next'] {
  const [old, wanted] = [recordsOf(before), recordsOf(after)];
  const keys = [...new Set([...old.keys(), ...wanted.keys()])];
  const differing = keys.filter((key) => old.get(key) !== wanted.get(key));
  return differing.map((key) => [key, wanted.get(key) ?? null]);
}

function recordsOf({ accounts, hosts, order }: CertificateState): Map<string, CertificateRecord> {
  return new Map<string, CertificateRecord>([
    ...Object.entries(accounts).map(([directory, sealed]) => [ACCOUNT + directory, sealed] as const),
    ...Object.entries(hosts).map(([name, record]) => [HOST + name, record] as const),
    ...(order ? [[ORDER, order] as const] : []),
  ]);
}

/** Returns a state in which the order with this key is over. */
export function ended(state: CertificateState, key: string): CertificateState {
  return state.order?.key === key ? { ...state, order: null } : state;
}
