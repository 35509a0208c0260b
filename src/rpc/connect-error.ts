import type { HubAddress } from '../protocol/address.ts';
import { FleetError, messageOf } from '../protocol/errors.ts';

const WORDS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name could not be looked up',
  EHOSTUNREACH: 'no route to that host',
  ENETUNREACH: 'no way to that network',
  ECONNRESET: 'it hung up',
  EPROTO: 'it does not speak TLS; try without https://',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; try without https://',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS; try without https://',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name; give --fingerprint, or its own name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; give --fingerprint or --ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted here; give --ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted here; give --ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted here; give --ca',
  CERT_HAS_EXPIRED: 'its certificate has expired',
};

/** Returns the error for an attempt that took longer than `timeout` milliseconds. */
export function noAnswer({ host, port }: HubAddress, timeout: number): FleetError {
  return new FleetError(
    'ETIMEOUT',
    `no answer from the hub at ${host}:${port} within ${timeout / 1000} s; is it the right address?`,
  );
}

/** Translates the error of a failed connection attempt. */
export function connectError(error: Error & { code?: string }, address: HubAddress): FleetError {
  if (error instanceof FleetError) return error;
  const { host, port, secure } = address;
  if (error.code === 'ETIMEDOUT')
    return new FleetError('ETIMEOUT', `no answer from the hub at ${host}:${port}; is it the right address?`, {
      cause: error,
    });
  const why = hangUp(error, secure) ?? WORDS[error.code ?? ''] ?? messageOf(error);
  return new FleetError('ECONNECT', `cannot reach the hub at ${host}:${port}: ${why}`, { cause: error });
}

/** A hub with TLS answers plain HTTP with a TLS alert, or not at all; one without TLS does not answer a TLS hello. */
function hangUp(error: Error & { code?: string }, secure: boolean): string | undefined {
  if (secure) {
    const early = /disconnected before secure/.test(error.message);
    return early ? 'it hung up; if the hub has no TLS, try without https://' : undefined;
  }
  if (error.message === 'socket hang up') return 'it hung up; if the hub uses TLS, write https://';
  if (error.code?.startsWith('HPE_'))
    return 'it does not speak plain HTTP; if the hub uses TLS, write https://';
  return undefined;
}
