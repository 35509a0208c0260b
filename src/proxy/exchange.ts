import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Networks } from '../system/networks.ts';
import type { Access } from './access.ts';
import { type Asked, askedOf } from './asked.ts';
import type { Backend } from './backend.ts';
import { plainAddress, setForwarded } from './forwarded.ts';
import { framingFault, hasBody } from './framing.ts';
import { endToEnd } from './hop.ts';
import type { Destination } from './routes.ts';

/** A request on its way: what it asks for, who asked, and where it went. */
export class Exchange {
  readonly asked: Asked | null;
  /** With what it is refused because of its framing; null if that is right. */
  readonly fault: number | null;
  readonly hasBody: boolean;
  /** How long the body is, as far as the request says it. */
  readonly bodyBytes: number;
  readonly tried = new Set<Backend>();
  destination: Destination | null = null;
  /** What went wrong with the instance that was tried last; null if nothing did. */
  error: string | null = null;
  private readonly client: { address: string; proto: string };
  private readonly started = performance.now();
  private readonly time = Date.now();
  private readonly writtenBefore: number;
  private readonly url: string;

  /** Takes a request over: its headers are those for the instance from then on. */
  constructor(
    private readonly request: IncomingMessage,
    proxies: Networks,
  ) {
    const { url = '', socket } = request;
    this.url = url;
    this.asked = askedOf(url, request.headers.host);
    this.fault = framingFault(request);
    this.hasBody = hasBody(request);
    this.bodyBytes = Number(request.headers['content-length'] ?? 0);
    this.writtenBefore = socket.bytesWritten;
    const headers = endToEnd(request.headers);
    request.headers = headers;
    if (this.asked) headers.host = this.asked.authority;
    const sender = { address: plainAddress(socket.remoteAddress), isSecure: 'encrypted' in socket };
    this.client = setForwarded(headers, sender, proxies);
    if (this.asked) request.url = this.asked.target;
  }

  /** How the client asked: `http` or `https`. */
  get proto(): string {
    return this.client.proto;
  }

  get method(): string {
    return this.request.method ?? '';
  }

  /** Returns the line of the log about it. */
  access(status: number, socket: Socket): Access {
    const answered = [...this.tried].at(-1)?.endpoint;
    return {
      time: new Date(this.time).toISOString(),
      client: this.client.address,
      method: this.method,
      proto: this.client.proto,
      host: this.asked?.host ?? null,
      path: this.url,
      status,
      duration: Math.round(performance.now() - this.started) / 1000,
      bytes: socket.bytesWritten - this.writtenBefore,
      app: this.destination?.app ?? null,
      service: this.destination?.service ?? null,
      drone: answered?.drone ?? null,
      id: answered?.id ?? null,
      tries: this.tried.size,
      error: this.error,
    };
  }
}
