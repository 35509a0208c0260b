import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import type { AuditVerdict } from '../protocol/answers.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';
import { visibleJson } from '../system/visible.ts';
import type { Arguments } from './arguments.ts';
import { verdictText } from './audit-text.ts';
import { withClient } from './connect.ts';
import { type Io, note, say } from './io.ts';

/** Checks the audit trail of a hub, or files of one. Throws EUSAGE, and EIO for a file that cannot be read. */
export async function verify(args: Arguments, io: Io): Promise<number> {
  const expect = expectedIn(args.text('expect'));
  const verdict =
    args.words.length > 0
      ? await verdictOnFiles(
          args.words.map((file) => resolve(io.cwd, file)),
          expect,
        )
      : await withClient(args, io, (client) => client.auditVerify({ expect }));
  if (args.has('json')) say(io, visibleJson(verdict));
  else if (verdict.fault === null) say(io, verdictText(verdict));
  else note(io, `fleet: ${verdictText(verdict)}`);
  return verdict.fault === null ? 0 : 1;
}

/** Returns what `NUMBER:HASH` means; null if it was not given. Throws EUSAGE. */
export function expectedIn(text: string | undefined): AuditVerdict['last'] | null {
  if (text === undefined) return null;
  const [, n, hash] = /^(?:last: )?(\d{1,15}):([0-9a-f]{64})\s*$/.exec(text) ?? [];
  if (n !== undefined && hash !== undefined) return { n: Number(n), hash };
  throw new FleetError('EUSAGE', '--expect takes what an earlier check has printed as last: NUMBER:HASH');
}

/** Checks the lines of files, one after the other. */
async function verdictOnFiles(
  files: readonly string[],
  expect: AuditVerdict['last'] | null,
): Promise<AuditVerdict> {
  const [{ ChainCheck, START }, { LineBuffer, linesOf }] = await Promise.all([
    import('../hub/audit/chain.ts'),
    import('../system/lines.ts'),
  ]);
  const check = new ChainCheck(null, expect);
  for (const file of files) {
    const before = check.lines;
    const buffer = new LineBuffer();
    const add = (bytes: Buffer) => {
      for (const line of linesOf(bytes.toString('utf8'))) check.add(line);
    };
    try {
      for await (const piece of createReadStream(file)) add(buffer.push(piece as Buffer));
    } catch (cause) {
      throw new FleetError('EIO', `cannot read ${file}: ${messageOf(cause)}`, { cause });
    }
    add(buffer.end());
    const { fault, entries, unchained, last } = check;
    if (fault !== null)
      return {
        entries,
        unchained,
        last: last ?? START,
        fault: { ...fault, file, line: fault.line - before },
      };
  }
  const { entries, unchained, last } = check;
  const fault = check.end(null);
  return { entries, unchained, last: last ?? START, fault: fault && { ...fault, file: files.at(-1) ?? '' } };
}
