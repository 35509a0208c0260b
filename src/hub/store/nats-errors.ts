import { FleetError, messageOf } from '../../protocol/errors.ts';

/** `JSStreamWrongLastSequenceErrF`, and the same without a number, of nats-server's `errors.json`. */
const WRONG_SEQUENCE = [10071, 10164];
/** `JSClusterNoPeersErrF` and `JSInsufficientResourcesErr`: as long as not all servers have found each other. */
const TOO_FEW_PEERS = [10005, 10023];
/**
 * `JSAccountResourcesExceededErr`, `JSInsufficientResourcesErr`, `JSStorageResourcesExceededErr` and `JSStreamStoreFailedF`: the
 * answer to something that is to be written.
 */
const FULL = [10002, 10023, 10047, 10077];
/** `JSStreamNameExistErr`: another hub was quicker. */
const NAME_EXISTS = 10058;
/** Names of errors of the client's while no server, or no leader, answers. */
const UNANSWERED = [
  'UnansweredError',
  'TimeoutError',
  'JetStreamNotEnabled',
  'NoRespondersError',
  'RequestError',
  'ConnectionError',
  'ClosedConnectionError',
  'DrainingConnectionError',
];

const SILENT = 'does not answer, or has no majority; what runs, runs on';

/** Something was not asked at all, because what was asked before it was not answered in time. */
export class UnansweredError extends Error {
  override name = 'UnansweredError';
}

interface EngineError {
  name?: string;
  /** Of the server's: one for each kind of error. */
  code?: number;
  /** As in HTTP. */
  status?: number;
}

const read = (error: unknown) => (typeof error === 'object' && error !== null ? (error as EngineError) : {});

/** Returns true if a change was not made because something else was written before. */
export function isWrongSequence(error: unknown): boolean {
  return WRONG_SEQUENCE.includes(read(error).code ?? 0);
}

/** Returns true if there is a stream of that name, which is not what was asked for. */
export function isNameTaken(error: unknown): boolean {
  return read(error).code === NAME_EXISTS;
}

/** Returns true if there is no stream of that name. */
export function isNoStream(error: unknown): boolean {
  return read(error).name === 'StreamNotFoundError';
}

/** Returns true if fewer servers are there than are to keep a copy. */
export function isTooFewPeers(error: unknown): boolean {
  return TOO_FEW_PEERS.includes(read(error).code ?? 0);
}

/** Returns true if the servers have no room for what is to be written. */
export function isFull(error: unknown): boolean {
  return FULL.includes(read(error).code ?? 0);
}

/** Returns true if nobody has answered. */
export function isUnanswered(error: unknown): boolean {
  const { name = '', status } = read(error);
  return UNANSWERED.includes(name) || (status === 503 && !isTooFewPeers(error));
}

/** Returns true if the engine may do what it was asked for if it is asked again. */
export function isPassing(error: unknown): boolean {
  return isUnanswered(error) || isTooFewPeers(error);
}

/** Returns true if nobody comes in with these credentials, however often. */
export function isRefused(error: unknown): boolean {
  return ['AuthorizationError', 'UserAuthenticationExpiredError'].includes(read(error).name ?? '');
}

/** Returns the error of whoever wants to write something. `where`: the addresses of the servers. */
export function fullError(where: string, cause: unknown): FleetError {
  const todo = 'make room on their disks, or raise max_file of their configuration';
  const message = `the servers of the cluster at ${where} are full; what runs, runs on; ${todo}`;
  return new FleetError('ECLUSTER', message, { cause });
}

/** Returns an error of the engine's as one of fleet's. `where`: its addresses. */
export function clusterError(where: string, cause: unknown): FleetError {
  if (cause instanceof FleetError) return cause;
  const why = isRefused(cause)
    ? 'does not let this hub in; see --cluster-creds'
    : isPassing(cause)
      ? `${SILENT}; try again later`
      : `refuses that: ${messageOf(cause)}`;
  return new FleetError('ECLUSTER', `the cluster at ${where} ${why}`, { cause });
}

/** Returns what is to be said of an engine that answers nothing. `where`: its addresses. */
export function silence(where: string): string {
  return `the cluster at ${where} ${SILENT}`;
}
