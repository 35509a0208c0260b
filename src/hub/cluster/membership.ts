import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError } from '../../protocol/errors.ts';
import * as s from '../../protocol/words.ts';
import { readJson, writeJson } from '../../system/json-file.ts';
import { knows, type Rotation } from '../access/secrets.ts';
import { sha256 } from '../access/tokens.ts';
import type { Vault } from '../apps/vault.ts';
import { notWritten } from '../store/not-written.ts';
import type { Entry, Store } from '../store/store.ts';

const KEY = 'cluster';

/** What is stored of a cluster, once one of its hubs has begun it. */
const recordSchema = v.object({
  version: v.literal(1),
  /** Random. */
  id: s.key,
  /** What the key looks like that the environment of apps is sealed with. */
  seal: s.shortText,
  /** What the secret looks like that all hubs are started with; null for none. */
  secret: v.nullable(s.shortText),
  /** The name of the hub that takes its state along, until it has; then null. */
  from: v.nullable(s.name),
});
type ClusterRecord = v.InferOutput<typeof recordSchema>;

/** `cluster.json` in the directory of a hub: which cluster it belongs to. */
const markSchema = v.object({ version: v.literal(1), id: s.key });

export interface MembershipParts {
  dir: string;
  /** That of the cluster. */
  shared: Store;
  /** That of the directory, with what a hub that was alone has left. */
  own: Store;
  /** What a hub keeps in it, by prefixes. */
  kinds: readonly string[];
  name: string;
  /** What the hub is started with; undefined for none. */
  secret: string | undefined;
  /** Has the key of the hub's directory. */
  vault: Pick<Vault, 'ownKey' | 'hasKey' | 'takeKey'>;
  /** Asks the other hubs for their key; null if none answers. */
  askKey(): Promise<string | null>;
  log(line: string): void;
}

/**
 * Makes a hub one of its cluster. The first one begins it, and takes what its directory has along. Rejects with ECONFIG if the
 * directory is that of another hub, or the key cannot be had; with ECLUSTER.
 */
export async function becomeMember(parts: MembershipParts): Promise<void> {
  const { dir, shared, vault, name, log } = parts;
  const mark = markOf(dir);
  const record = (await recordOf(shared)) ?? (await begin(parts, mark?.id));
  if (mark && mark.id !== record.id)
    throw new FleetError(
      'ECONFIG',
      `${markPath(dir)} is of another cluster; start the hub in an empty directory, or with the servers of that one`,
    );
  if (!mark && record.from !== name && (await ownState(parts)).length > 0)
    throw new FleetError(
      'ECONFIG',
      `${dir} is of a hub with apps and tokens of its own, and the cluster has others; start it in an empty directory`,
    );
  if (record.from !== null && record.from !== name)
    throw new FleetError(
      'ECONFIG',
      `the hub ${record.from} has not taken all of its state into the cluster yet; start it again, then this one`,
    );
  if (secretOf(parts.secret, record.id) !== record.secret && !(await isKnown(shared, parts.secret)))
    throw new FleetError(
      'ECONFIG',
      'all hubs of a cluster have the same secret, and this is not the one of the others',
    );
  if (!vault.hasKey || sealOf(vault.ownKey()) !== record.seal) await takeKey(parts, record);
  if (record.from === name) await takeAlong(parts, record);
  if (!mark) writeJson(markPath(dir), { version: 1, id: record.id });
  log(`a hub of the cluster, called ${name}`);
}

/** Throws ECONFIG if a hub that is started alone is one of a cluster. */
export function mustBeAlone(dir: string): void {
  if (!markOf(dir)) return;
  throw new FleetError(
    'ECONFIG',
    `${dir} is of a hub of a cluster; start it with --cluster=… as before. To go on alone with what it had before that, remove cluster.json`,
  );
}

async function begin(
  { shared, vault, name, secret }: MembershipParts,
  id = randomHex(),
): Promise<ClusterRecord> {
  const seals = { seal: sealOf(vault.ownKey()), secret: secretOf(secret, id) };
  const record: ClusterRecord = { version: 1, id, ...seals, from: name };
  try {
    await shared.create(KEY, record);
    return record;
  } catch (error) {
    // Another hub was quicker.
    const theirs = error instanceof FleetError && error.code === 'ECONFLICT' && (await recordOf(shared));
    if (theirs) return theirs;
    throw error;
  }
}

/** What was taken already, by a hub that was killed meanwhile, is not taken twice. */
async function takeAlong(parts: MembershipParts, record: ClusterRecord) {
  const { shared, name, log } = parts;
  const state = await ownState(parts);
  for (const { key, value } of state)
    await shared.create(key, value).catch((error: unknown) => {
      if (!(error instanceof FleetError && error.code === 'ECONFLICT')) throw error;
    });
  const entry = await shared.get(KEY);
  await shared.update(KEY, { ...record, from: null }, entry?.revision ?? 0);
  if (state.length > 0) log(`${name} has taken its state into the cluster`);
}

async function takeKey({ dir, vault, askKey }: MembershipParts, record: ClusterRecord): Promise<void> {
  const key = await askKey();
  if (key !== null && sealOf(key) === record.seal) return vault.takeKey(key);
  throw new FleetError(
    'ECONFIG',
    `${join(dir, 'hub.key')} is not that of the cluster, and no other hub is there to ask for it; start another one first, or copy its hub.key`,
  );
}

/** Returns what a hub that was alone has left. */
async function ownState({ own, kinds }: MembershipParts): Promise<Entry[]> {
  return (await Promise.all(kinds.map((kind) => own.list(kind)))).flat();
}

async function recordOf(shared: Store): Promise<ClusterRecord | null> {
  const entry: Entry | null = await shared.get(KEY);
  if (!entry) return null;
  const result = v.safeParse(recordSchema, entry.value);
  if (result.success) return result.output;
  throw notWritten(shared.where(KEY), 'to begin the cluster afresh');
}

function markOf(dir: string): v.InferOutput<typeof markSchema> | null {
  const read = readJson(markPath(dir));
  if (read === undefined) return null;
  const result = v.safeParse(markSchema, read);
  if (result.success) return result.output;
  throw notWritten(markPath(dir), 'to join a cluster afresh');
}

/** True for a secret that the hubs have, or had, since it was replaced: `Secrets` knows which ones count. */
async function isKnown(shared: Store, secret: string | undefined): Promise<boolean> {
  const entry = await shared.get('secret');
  if (!entry || secret === undefined) return false;
  return knows(entry.value as Partial<Rotation>, sha256(secret).toString('hex'));
}

/** Returns what tells two secrets apart, and nothing else of them to whoever cannot guess them. */
function secretOf(secret: string | undefined, id: string): string | null {
  return secret === undefined ? null : sha256(`${id} ${secret}`).toString('hex');
}

const markPath = (dir: string) => join(dir, 'cluster.json');
const randomHex = () => randomBytes(16).toString('hex');

/** Returns what tells two keys apart, and nothing else of them. */
function sealOf(key: string): string {
  return sha256(`fleet ${key}`).toString('hex');
}
