import type { IncomingMessage, ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { messageOf } from '../protocol/errors.ts';
import { refuseUpgrade } from '../system/http-refusal.ts';
import type { Networks } from '../system/networks.ts';
import type { Access } from './access.ts';
import type { Asked } from './asked.ts';
import type { Backend } from './backend.ts';
import { BodyTooLarge, takeRest } from './body-limit.ts';
import { CHALLENGE_PATH } from './challenge-path.ts';
import { Exchange } from './exchange.ts';
import { Forwarder } from './forwarder.ts';
import { Unreachable } from './instance-connections.ts';
import { AnswerTimeout } from './passage.ts';
import { redirect, refuse, showAnswer, showPage } from './refusal.ts';
import { mayRetry } from './retry.ts';
import type { Table } from './table.ts';

export interface HandlerOptions {
  table: Table;
  proxies: Networks;
  answerWithinMs: number;
  /** Of a request; Infinity for any. */
  maxBodyBytes: number;
  /** Returns where a request that came without TLS goes instead; null if it is answered as it is. */
  redirect(asked: Asked): string | null;
  /** Called when a request is over. */
  access?: ((entry: Access) => void) | undefined;
}

/** A client has closed its connection before it was answered, as nginx writes it. */
const CLIENT_GONE = 499;

/** Handles requests: each goes to an instance that can have it, or is refused. */
export class Handler {
  private readonly forwarder: Forwarder;
  private isEnding = false;

  constructor(private readonly options: HandlerOptions) {
    this.forwarder = new Forwarder({ ...options, isEnding: () => this.isEnding });
  }

  /** No connection of a client is kept for another request from now on. */
  end(): void {
    this.isEnding = true;
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isEnding) response.shouldKeepAlive = false;
    const { proxies, access } = this.options;
    const { socket } = request;
    const exchange = new Exchange(request, proxies);
    if (access)
      response.once('close', () =>
        access(exchange.access(response.headersSent ? response.statusCode : CLIENT_GONE, socket)),
      );
    const answer = this.challengeAnswer(exchange);
    if (answer !== null) return showAnswer(response, answer);
    const elsewhere = this.secureUrl(exchange);
    if (elsewhere !== null) return redirect(response, elsewhere);
    const isOver = () => response.headersSent || response.destroyed;
    const send = (backend: Backend) => this.forwarder.send(request, response, backend);
    const status = await this.dispatch(exchange, send, isOver);
    if (status === null) return;
    if (status === 413) takeRest(request);
    const page = exchange.destination?.maintenance;
    if (status === 503 && page) return showPage(response, page);
    const isUnread = exchange.hasBody && !request.complete;
    if ((isUnread && status !== 413) || exchange.fault !== null) response.shouldKeepAlive = false;
    refuse(response, isUnread && status === 504 ? 408 : status);
  }

  /** Returns where a request that came without TLS goes instead; null if it is answered as it is. */
  private secureUrl({ proto, asked }: Exchange): string | null {
    return proto === 'http' && asked ? this.options.redirect(asked) : null;
  }

  /** Returns what an authority wants to see, for whatever host it asks. */
  private challengeAnswer({ asked, method }: Exchange): string | null {
    if (!asked?.path.startsWith(CHALLENGE_PATH) || (method !== 'GET' && method !== 'HEAD')) return null;
    return this.options.table.challengeAnswer(asked.path.slice(CHALLENGE_PATH.length));
  }

  async upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const { proxies, access } = this.options;
    const exchange = new Exchange(request, proxies);
    const elsewhere = this.secureUrl(exchange);
    if (elsewhere !== null) {
      refuseUpgrade(socket, 308, elsewhere, { Location: elsewhere });
      return access?.(exchange.access(308, socket));
    }
    Object.assign(request.headers, { connection: 'Upgrade', upgrade: 'websocket' });
    let answered = CLIENT_GONE;
    const send = async (backend: Backend) => {
      backend.carry(socket);
      answered = await this.forwarder.upgrade(request, socket, head, backend);
    };
    const status = await this.dispatch(exchange, send, () => socket.destroyed);
    if (status !== null) refuseUpgrade(socket, status, `${status} ${STATUS_CODES[status]}`);
    access?.(exchange.access(status ?? answered, socket));
  }

  /**
   * Sends a request to one instance after the other, until one answers it. Returns null then, else the status with which it
   * is to be refused.
   */
  private async dispatch(
    exchange: Exchange,
    send: (backend: Backend) => Promise<void>,
    isOver: () => boolean,
  ): Promise<number | null> {
    const { asked, fault, method, hasBody, tried } = exchange;
    if (fault !== null) return fault;
    if (!asked) return 400;
    const { table } = this.options;
    const destination = table.find(asked.host, asked.path);
    if (!destination) return table.isKnown ? 404 : 503;
    exchange.destination = destination;
    if (exchange.bodyBytes > this.options.maxBodyBytes) return 413;
    if (destination.maintenance !== null) return 503;
    for (let sent = 0; ; ) {
      // What there is may have changed while one was tried.
      const current = tried.size === 0 ? destination : (table.find(asked.host, asked.path) ?? destination);
      const backend = table.choose(current, tried);
      if (!backend) return tried.size === 0 ? 503 : 502;
      tried.add(backend);
      const failure = await attempt(backend, send);
      if (!failure) return null;
      exchange.error = messageOf(failure);
      const isUnsent = failure instanceof Unreachable;
      if (isUnsent) void backend.probe();
      else sent++;
      if (failure instanceof AnswerTimeout) return 504;
      if (failure instanceof BodyTooLarge) return 413;
      if (isOver() || !mayRetry({ method, hasBody, isUnsent, sent })) return 502;
    }
  }
}

/** Returns what went wrong, or null. */
async function attempt(backend: Backend, send: (backend: Backend) => Promise<void>): Promise<unknown> {
  const end = backend.begin();
  try {
    await send(backend);
    return null;
  } catch (error) {
    return error ?? new Error('unknown');
  } finally {
    end();
  }
}
