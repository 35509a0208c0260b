import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerHeaders, trailerPairs } from './answer-headers.ts';
import { callForBody } from './expectation.ts';
import { hasBody } from './framing.ts';
import { passInformation } from './information.ts';
import { type InstanceConnections, type Reins, type Underway, Unreachable } from './instance-connections.ts';
import { bodyOf } from './request-body.ts';

/** An instance did not begin to answer in time, although it was sent a request. */
export class AnswerTimeout extends Error {}

interface PassageOptions {
  /** How long there may be neither a part of the request nor of the answer before that has begun. */
  answerWithinMs: number;
  maxBodyBytes: number;
  /** True if the proxy ends: a client that keeps its connection would send its next request in vain. */
  isEnding(): boolean;
  /** Called when the answer was written or the client has gone, with null; else with what went wrong before there was an answer. */
  over(error: Error | null): void;
}

/** A request that is sent to an instance, and its answer on the way back. */
export class Passage implements Underway {
  /** Null until the request is sent. */
  private reins: Reins | null = null;
  private timer: NodeJS.Timeout | null = null;
  private isOver = false;
  private hasBegun = false;

  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly options: PassageOptions,
  ) {}

  send(connections: InstanceConnections): void {
    const { request, response, options } = this;
    const { method = '', url = '', headers } = request;
    response.once('close', this.closed);
    const { 'transfer-encoding': coding, trailer: _, ...sent } = headers;
    const heard = () => this.timer?.refresh();
    connections.dispatch(
      {
        ...{ method: method as 'GET', path: url, headers: sent, blocking: false },
        body: hasBody(request) ? bodyOf(request, options.maxBodyBytes, heard) : null,
        // An instance that cannot read chunks would take them for the next request.
        ...(coding === undefined ? {} : { reset: true }),
      },
      this,
    );
  }

  onRequestStart(reins: Reins): void {
    this.reins = reins;
    if (this.isOver) return reins.abort(new Error('the client has gone'));
    callForBody(this.request, this.response);
    this.timer = setTimeout(() => reins.abort(new AnswerTimeout('no answer')), this.options.answerWithinMs);
  }

  onResponseStart({ rawHeaders }: Reins, status: number, _: unknown, reason = ''): void {
    const { request, response } = this;
    const head = { status, reason, rawHeaders: textOf(rawHeaders) };
    if (status === 101) throw new Error('it changes to a protocol that nobody has asked for');
    if (status < 200) {
      this.timer?.refresh();
      return passInformation(head, request, response);
    }
    this.stopTimer();
    if (this.options.isEnding()) response.shouldKeepAlive = false;
    response.writeHead(status, reason, answerHeaders(head, request));
    queueMicrotask(this.sendHead);
  }

  onResponseData(reins: Reins, piece: Buffer): void {
    this.hasBegun = true;
    if (this.response.write(piece) || reins.paused) return;
    reins.pause();
    this.response.once('drain', () => reins.resume());
  }

  onResponseEnd({ rawTrailers }: Reins): void {
    const { response } = this;
    this.reins = null;
    this.hasBegun = true;
    if (rawTrailers) response.addTrailers(trailerPairs(textOf(rawTrailers)));
    response.end();
  }

  onResponseError(_: unknown, error: Error): void {
    const { request, response } = this;
    this.stopTimer();
    if (this.isOver) return;
    // What was sent cannot be taken back.
    if (response.headersSent) return void response.destroy();
    // The client is what has failed.
    if (request.destroyed && !request.complete) return;
    this.finish(this.reins ? error : new Unreachable(error.message, { cause: error }));
  }

  /** Some answers begin long before there is a body. One that has come with the head goes out together with it. */
  private readonly sendHead = () => {
    if (!this.hasBegun) this.response.flushHeaders();
  };

  private readonly closed = () => {
    this.finish(null);
    this.reins?.abort(new Error('the client has gone'));
  };

  private finish(error: Error | null): void {
    this.isOver = true;
    this.stopTimer();
    this.response.off('close', this.closed);
    this.options.over(error);
  }

  private stopTimer(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}

function textOf(raw: Reins['rawHeaders']): string[] {
  return ((raw ?? []) as Buffer[]).map((part) => part.toString('latin1'));
}
