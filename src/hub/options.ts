/** What `createHub` takes. */
export interface HubOptions {
  /** The directory that holds `repos/` and the hub's state; the current one by default. */
  dir?: string;
  /** The control port; 0 takes a free one. 7000 by default. */
  port?: number;
  /** The git port; 0 takes a free one. The control port and one by default. */
  gport?: number;
  /** The address to listen on; all of them by default, loopback only where there is no secret. */
  host?: string;
  secret?: string;
  /** Listen on all addresses although there is no secret. */
  insecure?: boolean;
  /** PEM files for TLS. */
  cert?: string;
  key?: string;
  /** TLS with a certificate of its own, made at the first start. */
  tls?: boolean;
  /** Lines that an operator wants to see: refused logins, drones that come and go. */
  log?: (line: string) => void;
}

/** A running hub. */
export interface Hub {
  readonly port: number;
  readonly gport: number;
  readonly host: string;
  /** `sha256:…` of the public key, with TLS. */
  readonly fingerprint: string | null;
  /** Sentences that an operator should read once: no secret, plaintext on a public address. */
  readonly warnings: string[];
  /** Ends every connection and closes the ports. */
  close(): Promise<void>;
}
