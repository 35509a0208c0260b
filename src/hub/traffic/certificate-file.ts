import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError } from '../../protocol/errors.ts';
import { readJson, writeJson } from '../../system/json-file.ts';

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

const order = v.object({ key: v.string(), host: v.string(), until: v.number() });

const state = v.object({
  /** Keys of accounts, sealed, by the authority's directory. */
  accounts: v.optional(v.record(v.string(), v.string()), {}),
  hosts: v.optional(v.record(v.string(), host), {}),
  /** That which is under way. */
  order: v.optional(v.nullable(order), null),
});

export type HostRecord = v.InferOutput<typeof host>;
export type CertificateState = v.InferOutput<typeof state>;

export const NEW_HOST: HostRecord = { kept: null, failures: { asked: 0, unasked: 0 }, notBefore: 0 };

/** What a hub keeps of certificates: `certificates.json` of its directory. */
export class CertificateFile {
  private readonly path: string;

  constructor(dir: string) {
    this.path = join(dir, 'certificates.json');
  }

  /** Throws ECONFIG if it cannot be read. */
  load(): CertificateState {
    const result = v.safeParse(state, readJson(this.path) ?? {}, { abortEarly: true });
    if (result.success) return result.output;
    const [issue] = result.issues;
    const where = v.getDotPath(issue) ?? '';
    throw new FleetError('ECONFIG', `${this.path}: ${where}: ${issue.message}; fix it or move it away`);
  }

  /** Records it durably. Throws EIO. */
  save(wanted: CertificateState): void {
    writeJson(this.path, wanted);
  }
}
