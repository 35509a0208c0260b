import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { ProxyServer } from 'httpxy';
import { refuseUpgrade } from '../system/http-refusal.ts';
import type { Backend } from './backend.ts';
import { limitBody } from './body-limit.ts';
import { removeHopHeaders } from './hop.ts';
import { passInformation } from './information.ts';

/** How long a client has to read an answer to the end. */
const LINGER_MS = 1_000;

/** An instance did not begin to answer in time, although it was sent a request. */
export class AnswerTimeout extends Error {}

/** Sends requests to instances, and their answers back. */
export class Forwarder {
  private readonly requests = new ProxyServer<IncomingMessage, ServerResponse>();
  private readonly upgrades = new ProxyServer<IncomingMessage, ServerResponse>();
  /** What was answered to those who asked for a websocket. */
  private readonly statuses = new WeakMap<Socket, number>();

  /** `answerWithinMs`: how long there may be neither a part of the request nor of the answer before that has begun. */
  constructor(
    private readonly answerWithinMs: number,
    maxBodyBytes: number,
  ) {
    this.requests.on('proxyReq', (sent, request, response) => {
      this.watch(sent, request);
      passInformation(sent, request, response);
      limitBody(sent, request, maxBodyBytes);
    });
    this.requests.on('proxyRes', (answer, request, response) => prepareAnswer(answer, request, response));
    this.upgrades.on('proxyReqWs', (sent, _, socket) => {
      join(sent, socket);
      sent.once('response', ({ statusCode = 502 }) => {
        this.statuses.set(socket, statusCode);
        endWithAnswer(socket);
      });
      sent.once('upgrade', () => this.statuses.set(socket, 101));
    });
    this.upgrades.on('error', (_, __, socket) => {
      if (!this.statuses.has(socket as Socket)) refuseUpgrade(socket as Socket, 502, '502 Bad Gateway');
    });
  }

  /**
   * Sends a request to an instance. Resolves when it is answered, or the client has gone. Rejects with Unreachable if it
   * was not sent, with AnswerTimeout, or with another error if the instance did not answer to the end.
   */
  send(request: IncomingMessage, response: ServerResponse, { endpoint, agent }: Backend): Promise<void> {
    const target = { protocol: 'http:', hostname: endpoint.address, port: endpoint.port };
    removeVainTrailer(request);
    // What was read to its end can't be piped again.
    const body = request.readableEnded ? { buffer: Readable.from([]) } : {};
    return agent.whenConnected(async () => {
      // httpxy waits for the end of the answer, which has been by then if the client has gone. The socket tells of that also if
      // an answer before this one was not written yet.
      if (!response.destroyed && !request.socket.destroyed)
        await this.requests.web(request, response, { target, agent, ...body });
    });
  }

  /** Sends a request for a websocket. Resolves when the connection is over, with the status that was answered; rejects with Unreachable. */
  async upgrade(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    { endpoint, agent }: Backend,
  ): Promise<number> {
    const target = { protocol: 'http:', hostname: endpoint.address, port: endpoint.port };
    const options = { target, agent, upgradeTimeout: this.answerWithinMs };
    removeVainTrailer(request);
    await agent.whenConnected(async () => {
      if (!socket.destroyed) await this.upgrades.ws(request, socket, options, head);
    });
    return this.statuses.get(socket) ?? 502;
  }

  private watch(sent: ClientRequest, request: IncomingMessage): void {
    sent.setTimeout(this.answerWithinMs, () => sent.destroy(new AnswerTimeout('no answer')));
    sent.once('response', () => sent.setTimeout(0));
    if (sent.hasHeader('trailer'))
      request.once('end', () => sent.addTrailers(request.trailers as Record<string, string>));
  }
}

function prepareAnswer(answer: IncomingMessage, request: IncomingMessage, response: ServerResponse): void {
  removeHopHeaders(answer.headers);
  answer.headers.connection = response.shouldKeepAlive ? 'keep-alive' : 'close';
  if (!canHaveTrailers(answer, request)) delete answer.headers.trailer;
  if (answer.headers.trailer)
    answer.once('end', () => response.addTrailers(answer.trailers as Record<string, string>));
}

/** Node throws, where nobody can catch it, if a body that is not chunked is to have trailers. */
function removeVainTrailer({ headers }: IncomingMessage): void {
  if (!('transfer-encoding' in headers)) delete headers.trailer;
}

function canHaveTrailers({ headers, statusCode }: IncomingMessage, request: IncomingMessage): boolean {
  const hasBody = request.method !== 'HEAD' && statusCode !== 204 && statusCode !== 304;
  return hasBody && 'transfer-encoding' in headers && request.httpVersion !== '1.0';
}

/** Has a connection end when the answer was written that is the last one: it is not read by anybody else, who would notice. */
function endWithAnswer(socket: Socket): void {
  socket.resume();
  socket.once('finish', () => setTimeout(() => socket.destroy(), LINGER_MS).unref());
}

/** Has each end of an upgraded connection end with the other. */
function join(sent: ClientRequest, socket: Socket): void {
  sent.once('upgrade', (_, upstream) => {
    socket.once('close', () => upstream.destroy());
    upstream.once('close', () => socket.destroy());
  });
}
