import { FleetError } from './errors.ts';

/** Where a hub listens for calls, and whether it speaks TLS there. */
export interface HubAddress {
  host: string;
  port: number;
  secure: boolean;
}

export const DEFAULT_PORT = 7000;
const OPEN = ['http', 'ws'];
const SECURE = ['https', 'wss'];

const wrong = (text: string, why: string) =>
  new FleetError(
    'EUSAGE',
    `'${text}' is not the address of a hub (${why}); write HOST:PORT or https://HOST:PORT`,
  );

/** Parses a port number; 0 asks the system for a free one. Throws EUSAGE if it is not one. */
export function parsePort(text: string, what = 'port'): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new FleetError('EUSAGE', `'${text}' is not a ${what}; give a number from 0 to 65535`);
}

/**
 * Parses `HOST`, `HOST:PORT`, `[::1]:7000`, `:7000`, `7000`, `http://HOST:PORT` or `https://HOST:PORT`. The port is 7000
 * by default. Throws EUSAGE for anything else.
 */
export function parseAddress(text: string): HubAddress {
  const [, typed = '', after = ''] = /^(\w+):\/\/(.*)$/.exec(text) ?? [];
  const scheme = typed.toLowerCase();
  const secure = SECURE.includes(scheme);
  const rest = (secure || OPEN.includes(scheme) ? after : text).replace(/\/$/, '');
  if (/^\d+$/.test(rest)) return { host: '127.0.0.1', port: parsePort(rest), secure };
  if (/^[0-9a-fA-F]*:[0-9a-fA-F.]*:[0-9a-fA-F:.]*(?:%\w+)?$/.test(rest))
    throw wrong(text, `IPv6: [${rest}]:${DEFAULT_PORT}`);
  const parts = /^(?:\[([0-9a-fA-F:.]+(?:%\w+)?)\]|([^:[\]/@?#\s]*))(?::(.*))?$/.exec(rest);
  if (!parts || rest === '') throw wrong(text, 'not a host and a port');
  const port = parts[3] === undefined ? DEFAULT_PORT : parsePort(parts[3]);
  if (port === 0) throw wrong(text, 'port 0 cannot be reached');
  return { host: parts[1] ?? (parts[2] || '127.0.0.1'), port, secure };
}

/** Returns true if a host is this machine. */
export function isLoopback(host: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|::1|localhost)$/.test(host);
}

/** Returns the address as a URL without a path: `http://host:port`, with brackets around an IPv6 host. */
export function addressUrl({ host, port, secure }: HubAddress): string {
  return `${secure ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Returns the URL of a hub as somebody has written it, which tells it from others. Throws EUSAGE. */
export function hubUrl(hub: string): string {
  return addressUrl(parseAddress(hub));
}

/** How to reach a hub and be let in. */
export interface HubTarget {
  /** As {@link parseAddress} takes it; several that are one, separated by commas. */
  hub: string;
  /** The hub's secret, or a token of it. */
  secret?: string | undefined;
  /** A PEM file with the certificate authority to trust, instead of the system's. */
  ca?: string | undefined;
  /** `sha256:` and the hex digest of the hub's public key (SPKI); nothing else is checked then. Of several hubs, those of all, as above. */
  fingerprint?: string | undefined;
}

/** Returns a digest as base64 as a fingerprint: the other way round. */
export function pinToFingerprint(pin: string): string {
  return `sha256:${Buffer.from(pin, 'base64').toString('hex')}`;
}

/** Returns a fingerprint as the base64 digest that git and curl take. Throws EUSAGE if it is not one. */
export function fingerprintToPin(fingerprint: string): string {
  const hex = /^sha256:([0-9a-f]{64})$/i.exec(fingerprint)?.[1];
  if (!hex)
    throw new FleetError(
      'EUSAGE',
      `'${fingerprint}' is not a fingerprint; paste the sha256:… that fleet hub --tls prints`,
    );
  return Buffer.from(hex, 'hex').toString('base64');
}
