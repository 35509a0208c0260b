/**
 * Every way in which fleet fails, with what it means. The code is stable: programs may match on it.
 * The same table is printed in this folder's README.
 */
export const ERROR_CODES = {
  EUSAGE: 'the command line, or the arguments of a call, are wrong',
  ENOREMOTE: 'no hub was named: no flag, no environment variable, no remote in fleet.json',
  ECONFIG:
    'fleet.json, the fleet.toml or Procfile of an app, or a file that fleet keeps for itself, is not what it should be',
  EUNSUPPORTED: 'a fleet.toml asks for what this fleet cannot do yet',
  ESIGNATURE: 'a commit must be signed, and no allowed signer has signed it',
  ECONNECT: 'nothing answers at the address of the hub',
  EAUTH: 'the hub does not know this secret or token',
  EFORBIDDEN: 'the token is known, but lacks the right for this',
  ETIMEOUT: 'no answer within the time limit',
  ECLOSED: 'the connection ended before the answer came',
  EPROTOCOL: 'the peer sent what the protocol does not allow',
  ELIMIT: 'a limit on size, rate or number was reached',
  ENODRONE: 'no drone matches',
  EDUPLICATE: 'another drone with the same identity is connected: one is a copy of the other',
  ENOPROCESS: 'no process has this id',
  ENOREPO: 'this is not a git repository, or the hub has none of this name',
  ENOCOMMIT: 'no such commit, here or at the hub',
  EGIT: 'git failed',
  ESPAWN: 'the command could not be started',
  ENORELEASE: 'no such app, or no such release, service or variable of it',
  ENOTOKEN: 'the hub has no token, and no key of a drone, of this name',
  EINSTANCE: 'the process is an instance of an app, which would start another',
  EBUSY: 'a release of the app is under way, or what is to be removed is in use',
  ECONFLICT: 'somebody else has changed the same thing at the same time',
  ECLUSTER: 'what several hubs share does not answer, or refuses what was asked',
  ESTALE: 'the order is of a hub that another one has taken over from, or whose directory is an old copy',
  EINUSE: 'the port, or the directory, is in use by another process',
  EIO: 'the disk is full, read-only or failing',
  EINTERNAL: 'something is wrong in fleet itself; its hub, or drone, says more in its own output',
} as const;

/** One of the keys of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * The only error that fleet throws on purpose: a stable `code`, and a message of one line that says what to do next.
 */
export class FleetError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'FleetError';
    this.code = code;
  }
}

/** What an error looks like on the wire. */
export interface WireError {
  /** One of {@link ErrorCode}, or what a newer peer knows. */
  code: string;
  message: string;
}

/** Converts any thrown value; what is not a FleetError is a bug of fleet's: EINTERNAL, without its stack. */
export function toWire(error: unknown): { code: ErrorCode; message: string } {
  if (error instanceof FleetError) return { code: error.code, message: error.message };
  return { code: 'EINTERNAL', message: `internal error: ${messageOf(error)}` };
}

/** Converts an error that a peer sent. An unknown code, from a newer peer, becomes EPROTOCOL. */
export function fromWire(wire: WireError): FleetError {
  const code = Object.hasOwn(ERROR_CODES, wire.code) ? (wire.code as ErrorCode) : 'EPROTOCOL';
  return new FleetError(code, wire.message);
}

/** Returns the first line of any thrown value's message. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n', 1)[0] ?? '';
}

/** Returns the stack of any thrown value, if it has one. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
