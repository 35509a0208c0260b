import { hostname } from 'node:os';
import { FleetError } from '../../protocol/errors.ts';
import type { Whereabouts } from './cluster.ts';

export interface Listening {
  /** What the operator says where drones and clients reach the hub; undefined for nothing. */
  advertise: string | undefined;
  /** The address that it listens on; undefined for all. */
  host: string | undefined;
  port: number;
  gport: number;
  fingerprint: string | null;
  hasTls: boolean;
}

/** Returns where others reach a hub that listens there. Throws EUSAGE if what the operator says is no address of a hub. */
export function whereaboutsOf(listening: Listening): Whereabouts {
  const { advertise, host, port, gport, fingerprint, hasTls } = listening;
  const scheme = hasTls ? 'https' : 'http';
  const isAny = host === undefined || host === '0.0.0.0' || host === '::';
  const name = isAny ? hostname() : host.includes(':') ? `[${host}]` : host;
  const url = parsed(advertise ?? `${scheme}://${name}:${port}`);
  return {
    advertise: `${url.protocol}//${url.host}`,
    git: `${url.protocol}//${url.hostname}:${gport}`,
    fingerprint,
  };
}

function parsed(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.username === '') return url;
  throw new FleetError(
    'EUSAGE',
    `--advertise=${text} is not where others reach this hub; write it as https://h1.example.com:7000`,
  );
}
