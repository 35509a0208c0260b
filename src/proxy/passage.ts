import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AnswerHead } from './answer-head.ts';
import { answerHeaders, trailerPairs } from './answer-headers.ts';
import { BodyTooLarge } from './body-limit.ts';
import { passInformation } from './information.ts';
import type { InstanceConnection, Underway } from './instance-connection.ts';
import { trailersText } from './request-text.ts';

/** An instance did not begin to answer in time, although it was sent a request. */
export class AnswerTimeout extends Error {}

interface PassageOptions {
  maxBodyBytes: number;
  /** True if the proxy ends: a client that keeps its connection would send its next request in vain. */
  isEnding(): boolean;
  /** Called when the answer was written or the client has gone, with null; else with what went wrong before there was an answer. */
  over(error: Error | null): void;
}

/** A request that is sent over one connection, and its answer on the way back. */
export class Passage implements Underway {
  private isAnswered = false;
  private isSent = false;
  /** True while the client is slower than the instance. */
  private isHeld = false;
  private bodyBytes = 0;

  constructor(
    private readonly connection: InstanceConnection,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly options: PassageOptions,
  ) {}

  /** Sends this head, and the body behind it if there is one. */
  send(head: string, hasBody: boolean): void {
    const { connection, request, response } = this;
    response.once('close', this.closed);
    connection.begin(request.method ?? '', this);
    this.isSent = !hasBody;
    connection.socket.write(head, 'latin1');
    if (hasBody) request.on('data', this.sendPiece).once('end', this.sendEnd);
  }

  head(head: AnswerHead): void {
    const { request, response } = this;
    if (head.status < 200) return passInformation(head, request, response);
    if (this.options.isEnding()) response.shouldKeepAlive = false;
    response.writeHead(head.status, head.reason, answerHeaders(head, request));
  }

  body(piece: Buffer): void {
    if (this.response.write(piece) || this.isHeld) return;
    this.isHeld = true;
    this.connection.socket.pause();
    this.response.once('drain', this.goOn);
  }

  end(piece: Buffer | null, trailers: string[]): void {
    const { connection, request, response } = this;
    this.isAnswered = true;
    if (this.isSent) connection.release();
    else {
      // The instance does not want the rest.
      this.stopSending();
      connection.destroy();
      request.resume();
    }
    if (trailers.length > 0) response.addTrailers(trailerPairs(trailers));
    if (piece) response.end(piece);
    else response.end();
  }

  drained(): void {
    this.request.resume();
  }

  silent(): void {
    if (!this.response.headersSent) this.fail(new AnswerTimeout('no answer'));
  }

  failed(error: Error): void {
    this.fail(error);
  }

  private readonly goOn = () => {
    this.isHeld = false;
    if (!this.isAnswered) this.connection.socket.resume();
  };

  private readonly closed = () => {
    if (!this.isAnswered) {
      this.stopSending();
      this.connection.destroy();
    }
    this.options.over(null);
  };

  private fail(error: Error): void {
    const { connection, response } = this;
    this.stopSending();
    connection.destroy();
    // What was sent cannot be taken back.
    if (response.headersSent) return void response.destroy();
    response.off('close', this.closed);
    this.options.over(error);
  }

  private readonly sendPiece = (piece: Buffer) => {
    const { socket } = this.connection;
    this.bodyBytes += piece.length;
    if (this.bodyBytes > this.options.maxBodyBytes)
      return this.fail(new BodyTooLarge('the body is too large'));
    let isTaken: boolean;
    if (this.isChunked) {
      socket.cork();
      socket.write(`${piece.length.toString(16)}\r\n`, 'latin1');
      socket.write(piece);
      isTaken = socket.write('\r\n', 'latin1');
      socket.uncork();
    } else isTaken = socket.write(piece);
    if (!isTaken) this.request.pause();
  };

  private readonly sendEnd = () => {
    this.isSent = true;
    if (this.isChunked) this.connection.socket.write(`0\r\n${trailersText(this.request)}\r\n`, 'latin1');
  };

  private get isChunked(): boolean {
    return this.request.headers['transfer-encoding'] !== undefined;
  }

  private stopSending(): void {
    this.request.off('data', this.sendPiece).off('end', this.sendEnd);
  }
}
