declare module 'dnode/lib/dnode.js' {
  import { EventEmitter } from 'node:events';

  /** One message of dnode's protocol, as an object. */
  export interface DnodeMessage {
    method: string | number;
    arguments: unknown[];
    callbacks: Record<string, string[]>;
    links: unknown[];
  }

  export default class Dnode extends EventEmitter {
    constructor(
      methods: Record<string, (...args: never[]) => void>,
      options: { weak: false; emit: 'object' },
    );
    handle(message: DnodeMessage): void;
    end(): void;
  }
}
