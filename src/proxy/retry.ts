/** What is known of a request that an instance did not answer. */
export interface Failure {
  method: string;
  hasBody: boolean;
  /** True if there was no connection to send it over. */
  isUnsent: boolean;
  /** How often it was sent. */
  sent: number;
}

/** They change nothing (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);
/** What was sent is tried once more only: it may be what ends instances. */
const MAX_SENT = 2;

/** Returns true if a request may go to another instance: it was not sent, or it changes nothing and has no body. */
export function mayRetry({ method, hasBody, isUnsent, sent }: Failure): boolean {
  return isUnsent || (SAFE.has(method) && !hasBody && sent < MAX_SENT);
}
