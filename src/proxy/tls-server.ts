import { createServer, type Server } from 'node:https';
import { MODERN_TLS } from '../system/modern-tls.ts';
import type { Handler } from './handler.ts';
import { SERVER_OPTIONS, serve } from './server.ts';
import type { ShownCertificates } from './shown-certificates.ts';

const HANDSHAKE_WITHIN_MS = 10_000;

/** Returns a server with TLS that takes requests for a handler; the certificate is chosen by the host that a client names. */
export function tlsServer(handler: Handler, certificates: ShownCertificates): Server {
  const server = createServer({
    ...SERVER_OPTIONS,
    handshakeTimeout: HANDSHAKE_WITHIN_MS,
    ...MODERN_TLS,
    ALPNProtocols: ['http/1.1'],
    SNICallback: (host, chosen) => chosen(null, certificates.contextFor(host.toLowerCase())),
  });
  certificates.files.useFirst((pem) => server.setSecureContext({ ...pem, ...MODERN_TLS }));
  serve(server, handler);
  return server;
}
