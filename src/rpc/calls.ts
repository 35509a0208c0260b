import {
  type AnswerOf,
  type CallTable,
  type CheckedAnswerOf,
  type CheckedParamsOf,
  type ParamsOf,
  rowOf,
} from '../protocol/call-table.ts';
import { check } from '../protocol/check.ts';
import { FleetError } from '../protocol/errors.ts';
import type { Answered } from './answered.ts';
import { EMPTY } from './frames.ts';
import type { Incoming } from './incoming.ts';
import type { Peer } from './peer.ts';

/** An answer, checked, and the bytes beside it. */
export interface CheckedAnswer<Result> {
  result: Result;
  body: Buffer;
}

/** One function a call: what it returns or resolves to is the answer, with a body if it is {@link Answered}. */
export type Handlers<T extends CallTable> = {
  [K in keyof T]: (
    params: CheckedParamsOf<T, K>,
    body: Buffer,
  ) => Returned<AnswerOf<T, K>> | Promise<Returned<AnswerOf<T, K>>>;
};

// biome-ignore lint/suspicious/noConfusingVoidType: a handler of a call without an answer returns nothing
type Returned<Answer> = Answer | Answered<Answer> | (null extends Answer ? void : never);

/** What surrounds each call: whether it may be made, and what is written of it. */
export interface Around<T extends CallTable> {
  /** Before the parameters are parsed. Throws if the call may not be made. */
  allow?(method: keyof T & string): void;
  /** Makes the call, whose parameters are checked. */
  around?<R>(method: keyof T & string, params: unknown, call: () => Promise<R>): Promise<R>;
}

/**
 * Dispatches the calls of a table: each is known, allowed and checked before its handler sees it. EPROTOCOL for a call
 * that the table does not have, and for parameters of another shape.
 */
export function dispatcher<T extends CallTable>(
  table: T,
  handlers: Handlers<T>,
  { allow, around }: Around<T> = {},
): (incoming: Incoming) => Promise<unknown> {
  return async (incoming) => {
    const { method, body } = incoming;
    if (!Object.hasOwn(table, method))
      throw new FleetError('EPROTOCOL', `no such call: ${method.slice(0, 50)}`);
    const call = method as keyof T & string;
    allow?.(call);
    const checked = check(rowOf(table, call).params, incoming.params, method);
    const handle = handlers[call] as (params: unknown, body: Buffer) => unknown;
    const act = async () => handle(checked, body);
    return (await (around ? around(call, checked, act) : act())) ?? null;
  };
}

/** From now on, the calls of the other end go to these handlers: see {@link dispatcher}. */
export function serve<T extends CallTable>(
  peer: Pick<Peer, 'serve'>,
  table: T,
  handlers: Handlers<T>,
  around: Around<T> = {},
): void {
  peer.serve(dispatcher(table, handlers, around));
}

/** What a caller says beside the parameters. */
export interface CallOptions {
  /** Milliseconds until an unanswered call fails with ETIMEOUT; 0, the default, waits as long as the peer lives. */
  timeout?: number;
  body?: Buffer;
}

/** Makes the calls of a table at the other end of a connection, and checks what it answers. */
export class Caller<T extends CallTable> {
  constructor(
    private readonly peer: Pick<Peer, 'call' | 'notify' | 'features'>,
    private readonly table: T,
    /** The other end, for an error: `the hub`. */
    private readonly who: string,
  ) {}

  /** Rejects as {@link Peer.call} does, and with EPROTOCOL if the answer is not what the table says. */
  async call<K extends keyof T & string>(
    method: K,
    params: ParamsOf<T, K>,
    { timeout = 0, body = EMPTY }: CallOptions = {},
  ): Promise<CheckedAnswer<CheckedAnswerOf<T, K>>> {
    const row = rowOf(this.table, method);
    const answer = await this.peer.call(method, this.known(method, params), timeout, body);
    const what = `the answer of ${this.who} to ${method}`;
    return { result: check(row.answer, answer.result, what) as CheckedAnswerOf<T, K>, body: answer.body };
  }

  /** A call that has no answer; silently nothing when the connection is over. */
  notify<K extends keyof T & string>(method: K, params: ParamsOf<T, K>, body = EMPTY): void {
    this.peer.notify(method, this.known(method, params), body);
  }

  /** Without the parameters that a peer of fleet 1.0 refuses. */
  private known(method: string, params: unknown): unknown {
    const { added = [] } = rowOf(this.table, method as keyof T & string);
    if (added.length === 0 || this.peer.features.has('open-messages')) return params;
    const kept = Object.entries(params as object).filter(([name]) => !added.includes(name));
    return Object.fromEntries(kept);
  }
}
