import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { ProxyServer } from 'httpxy';
import { refuseUpgrade } from '../system/http-refusal.ts';
import type { Backend } from './backend.ts';
import { Passage } from './passage.ts';

/** How long a client has to read an answer to the end. */
const LINGER_MS = 1_000;

export interface ForwarderOptions {
  /** How long there may be neither a part of the request nor of the answer before that has begun. */
  answerWithinMs: number;
  maxBodyBytes: number;
  isEnding(): boolean;
}

/** Sends requests to instances, and their answers back. */
export class Forwarder {
  private readonly upgrades = new ProxyServer<IncomingMessage, ServerResponse>();
  /** What was answered to those who asked for a websocket. */
  private readonly statuses = new WeakMap<Socket, number>();

  constructor(private readonly options: ForwarderOptions) {
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
   * was not sent, with AnswerTimeout, BodyTooLarge, or another error if the instance did not begin to answer.
   */
  async send(request: IncomingMessage, response: ServerResponse, { connections }: Backend): Promise<void> {
    // The socket tells of a client that has gone also if an answer before this one was not written yet.
    if (response.destroyed || request.socket.destroyed) return;
    const error = await new Promise<Error | null>((over) => {
      new Passage(request, response, { ...this.options, over }).send(connections);
    });
    if (error) throw error;
  }

  /** Sends a request for a websocket. Resolves when the connection is over, with the status that was answered; rejects with Unreachable. */
  async upgrade(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    { endpoint, connections }: Backend,
  ): Promise<number> {
    const target = { protocol: 'http:', hostname: endpoint.address, port: endpoint.port };
    delete request.headers.trailer;
    const agent = await connections.openAgent();
    const options = { target, agent, upgradeTimeout: this.options.answerWithinMs };
    if (socket.destroyed) agent.destroy();
    else await this.upgrades.ws(request, socket, options, head);
    return this.statuses.get(socket) ?? 502;
  }
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
