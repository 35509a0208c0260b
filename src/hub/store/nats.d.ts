// What of these packages is used, and of their types.

declare module '@nats-io/transport-node' {
  export interface ServerInfo {
    cluster?: string;
    connect_urls?: string[];
    max_payload: number;
    version: string;
  }

  export interface Status {
    type: string;
    server?: string;
    error?: Error;
  }

  export interface NatsConnection {
    readonly info?: ServerInfo;
    /** Resolves when it is over for good, to the error if there is one. */
    closed(): Promise<unknown>;
    close(): Promise<void>;
    isClosed(): boolean;
    status(): AsyncIterable<Status>;
  }

  export interface ConnectionOptions {
    servers: string[];
    name: string;
    authenticator?: unknown;
    maxReconnectAttempts: number;
    reconnectTimeWait: number;
    reconnectJitter: number;
    pingInterval: number;
    timeout: number;
  }

  export interface MsgHdrs {
    get(name: string): string;
    set(name: string, value: string): void;
  }

  export function connect(options: ConnectionOptions): Promise<NatsConnection>;
  export function credsAuthenticator(creds: Uint8Array): unknown;
  export function headers(): MsgHdrs;
}

declare module '@nats-io/jetstream' {
  import type { MsgHdrs, NatsConnection } from '@nats-io/transport-node';

  /** Times are in nanoseconds. */
  export interface StreamConfig {
    name: string;
    subjects: string[];
    num_replicas: number;
    max_msgs_per_subject: number;
    max_age: number;
    storage: 'file';
    discard: 'new';
    allow_direct: boolean;
    allow_rollup_hdrs: boolean;
  }

  export interface StreamInfo {
    config: StreamConfig;
    created: string;
    state: { last_seq: number };
  }

  export interface StoredMsg {
    seq: number;
    header: MsgHdrs;
    data: Uint8Array;
  }

  export interface JsMsg {
    seq: number;
    subject: string;
    headers?: MsgHdrs;
    data: Uint8Array;
    info: { pending: number; streamSequence: number };
  }

  export interface ConsumerMessages {
    closed(): Promise<unknown>;
    close(): Promise<unknown>;
    status(): AsyncIterable<{ type: string; lastConsumerSequence?: number }>;
  }

  export interface PushConsumer {
    consume(options: { callback: (message: JsMsg) => void }): Promise<ConsumerMessages>;
    info(cached: true): Promise<{ num_pending: number }>;
    delete(): Promise<boolean>;
  }

  export interface PushConsumerOptions {
    filter_subjects: string;
    deliver_policy: 'last_per_subject';
    headers_only: boolean;
  }

  export interface JetStreamManager {
    streams: {
      info(stream: string): Promise<StreamInfo>;
      add(config: StreamConfig): Promise<StreamInfo>;
      update(stream: string, config: Partial<StreamConfig>): Promise<StreamInfo>;
      getMessage(stream: string, query: { last_by_subj: string }): Promise<StoredMsg | null>;
    };
  }

  export interface PublishOptions {
    msgID: string;
    headers?: MsgHdrs;
    expect: { lastSequence: number; lastSubjectSequence?: number };
  }

  export interface JetStreamClient {
    publish(subject: string, data: Uint8Array, options: PublishOptions): Promise<{ seq: number }>;
    consumers: { getPushConsumer(stream: string, options: PushConsumerOptions): Promise<PushConsumer> };
  }

  export function jetstream(connection: NatsConnection, options: { timeout: number }): JetStreamClient;
  export function jetstreamManager(
    connection: NatsConnection,
    options: { timeout: number; checkAPI: false },
  ): Promise<JetStreamManager>;
}
