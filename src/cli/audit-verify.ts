import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { AuditVerdicts } from '../client/admin-types.ts';
import type { AuditVerdict } from '../protocol/answers.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { visibleJson } from '../system/visible.ts';
import type { Arguments } from './arguments.ts';
import { verdictLines } from './audit-text.ts';
import { withClient } from './connect.ts';
import { type Io, note, say } from './io.ts';

/** Checks the audit trail of a hub, or files of one. Throws EUSAGE, and EIO for a file that cannot be read. */
export async function verify(args: Arguments, io: Io): Promise<number> {
  const expect = expectedIn(args.list('expect'));
  const files = args.words.map((file) => resolve(io.cwd, file));
  const verdicts =
    files.length > 0
      ? await verdictsOnFiles(files, expect)
      : await withClient(args, io, (client) => client.auditVerifyAll({ expect }));
  const { right, wrong } = verdictLines(verdicts);
  if (args.has('json')) say(io, visibleJson(verdicts[''] ?? shown(verdicts)));
  else {
    for (const line of right) say(io, line);
    for (const line of wrong) note(io, `fleet: ${line}`);
  }
  return wrong.length === 0 ? 0 : 1;
}

/** Returns what `[HUB:]NUMBER:HASH` means, by the name of the hub; '' for none. Throws EUSAGE. */
export function expectedIn(texts: readonly string[]): Record<string, AuditVerdict['last']> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, hub, n, hash] = /^(?:last: )?(?:([\w.-]+):)?(\d{1,15}):([0-9a-f]{64})\s*$/.exec(text) ?? [];
      if (n !== undefined && hash !== undefined) return [hub ?? '', { n: Number(n), hash }];
      const what =
        '--expect takes what an earlier check has printed as last: NUMBER:HASH, or HUB:NUMBER:HASH';
      throw new FleetError('EUSAGE', what);
    }),
  );
}

/** For JSON: why a hub was not checked is a text. */
function shown(verdicts: AuditVerdicts): object {
  const entries = Object.entries(verdicts);
  return Object.fromEntries(
    entries.map(([hub, one]) => [hub, one instanceof FleetError ? { error: one.message } : one]),
  );
}

/** Checks the lines of files, one after the other: those of each hub are a chain. */
async function verdictsOnFiles(
  files: readonly string[],
  expect: Readonly<Record<string, AuditVerdict['last']>>,
): Promise<Record<string, AuditVerdict>> {
  const { HubChains } = await import('./hub-chains.ts');
  const { LineBuffer, linesOf } = await import('../system/lines.ts');
  const chains = new HubChains(expect);
  for (const file of files) {
    const buffer = new LineBuffer();
    let line = 0;
    const add = (bytes: Buffer) => {
      for (const text of linesOf(bytes.toString('utf8'))) chains.add(text, { file, line: ++line });
    };
    try {
      for await (const piece of createReadStream(file)) add(buffer.push(piece as Buffer));
    } catch (cause) {
      throw new FleetError('EIO', `cannot read ${file}: ${messageOf(cause)}`, { cause });
    }
    add(buffer.end());
    if (chains.isFaulty) break;
  }
  return chains.end();
}
