import { isLoopback } from '../../protocol/address.ts';
import { FleetError } from '../../protocol/errors.ts';

/** What decides who can reach a hub, and who can read on the way. */
export interface Exposure {
  secret: string | undefined;
  /** Undefined: every address of this machine. */
  host: string | undefined;
  insecure: boolean;
  hasTls: boolean;
}

/**
 * Returns the address to listen on: loopback only if there is no secret, unless `insecure` says otherwise. Throws
 * EUSAGE for another address without a secret.
 */
export function hostFor({ secret, host, insecure }: Exposure): string | undefined {
  if (secret !== undefined || insecure) return host;
  if (host === undefined || isLoopback(host)) return host ?? '127.0.0.1';
  throw new FleetError(
    'EUSAGE',
    `without a secret a hub listens on loopback only, and not on ${host}; give --secret, or --insecure`,
  );
}

/** Returns sentences that an operator should read once. `host` is what {@link hostFor} returned. */
export function warningsOf({ secret, host, insecure, hasTls }: Exposure): string[] {
  const isLocal = host !== undefined && isLoopback(host);
  if (secret === undefined && !isLocal)
    return ['no secret: anyone who can reach this port can run commands on every drone'];
  if (secret === undefined)
    return ['no secret: listening on loopback only; give --secret to be reached from other machines'];
  if (isLocal || hasTls || insecure) return [];
  return [
    'no TLS: whoever can read the network can read the secret; see --tls, or put a proxy with TLS in front of it',
  ];
}
