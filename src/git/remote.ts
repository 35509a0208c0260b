import { fingerprintToPin, type HubTarget, hubUrl } from '../protocol/address.ts';
import { basicAuth } from '../protocol/authorization.ts';

/** A hub's git service, and how to authenticate there. */
export interface HubRemote {
  /** `http[s]://host:port`, without credentials. */
  url: string;
  secret: string;
  /** A PEM file. */
  ca?: string;
  /** The base64 sha256 of the server's public key. */
  pin?: string;
  /** How many seconds without progress end a transfer. */
  timeout?: number;
}

/** The hub shows life each 5 s once git has asked for a pack. Before that, it may be mending the repository. */
export const SILENCE_S = 60;

/** Returns what git needs to reach a hub. `timeout` is in milliseconds without progress. */
export function hubRemote({ hub, secret, ca, fingerprint }: HubTarget, timeout?: number): HubRemote {
  return {
    url: hubUrl(hub),
    secret: secret ?? '',
    ...(ca === undefined ? {} : { ca }),
    ...(fingerprint === undefined ? {} : { pin: fingerprintToPin(fingerprint) }),
    ...(timeout === undefined ? {} : { timeout: Math.max(1, Math.ceil(timeout / 1000)) }),
  };
}

/**
 * Returns the arguments and variables that let git in at a hub. The secret is in a variable: it is in no command line and in
 * no file. It is sent to the hub only, because fleet's git follows no redirects.
 */
export function access(hub: HubRemote): { args: string[]; env: Record<string, string> } {
  const config = [
    ...(hub.ca ? [`http.sslCAInfo=${hub.ca}`] : []),
    ...(hub.pin ? ['http.sslVerify=false', `http.pinnedPubkey=sha256//${hub.pin}`] : []),
    'http.lowSpeedLimit=1',
    `http.lowSpeedTime=${hub.timeout ?? SILENCE_S}`,
  ];
  return {
    args: [...config.flatMap((one) => ['-c', one]), '--config-env=http.extraHeader=HUB_AUTHORIZATION'],
    env: { HUB_AUTHORIZATION: `Authorization: ${basicAuth(hub.secret)}` },
  };
}
