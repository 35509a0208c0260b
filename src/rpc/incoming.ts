import { parseShallow } from './json-guard.ts';

/** A call from the other end; `body` is bytes. */
export interface Incoming {
  method: string;
  /** Parsed JSON that nobody has checked yet. */
  readonly params: unknown;
  body: Buffer;
}

/**
 * Returns a call whose parameters are parsed when they are first looked at, so that who may not make it costs no more than
 * that. They throw EPROTOCOL if they are not JSON, or nested too deep.
 */
export function incoming(method: string, params: string, body: Buffer): Incoming {
  return {
    method,
    get params() {
      return parseShallow(params);
    },
    body,
  };
}
