import { randomBytes } from 'node:crypto';
import { FleetError } from '../protocol/errors.ts';
import type { Arguments } from './arguments.ts';
import { withClient } from './connect.ts';
import { type Io, note, say } from './io.ts';
import { parseDuration } from './quantity.ts';

const SECRET_BYTES = 32;

/** Replaces the secret of a hub that runs, and prints the new one. Throws as the client does. */
export async function rotateSecret(args: Arguments, io: Io): Promise<number> {
  const grace = parseDuration(args.text('grace') ?? '24h', 'grace');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  try {
    const until = await withClient(args, io, (client) => client.rotateSecret({ secret, grace }));
    say(io, secret);
    note(io, advice(until));
    return 0;
  } catch (error) {
    // The hub may have taken it, and the answer was lost.
    if (error instanceof FleetError && ['ECLOSED', 'ETIMEOUT'].includes(error.code))
      note(io, `if the old secret is refused later, the new one is: ${secret}`);
    throw error;
  }
}

/** Returns what to do until the old secret is refused, at `until` in ms since 1970. */
export function advice(until: number): string {
  return [
    `the old secret is refused from ${new Date(until).toISOString().replace('T', ' ').slice(0, 16)} UTC on. Until then:`,
    '  clients: fleet remote add NAME --hub=… --secret-file=FILE, or FLEET_SECRET',
    '  drones:  put it into the file of --secret-file, and restart the drone; processes go on',
    '  the hub: put it into the file of --secret-file; it needs no restart',
    'whoever comes with the old one is told so; drones that do are in: fleet audit, as old-secret',
  ].join('\n');
}
