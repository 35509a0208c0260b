import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** How many milliseconds a daemon may take to report that it is ready. */
const PATIENCE = 30_000;

/** A program that runs until it is told to end, with its output. */
export class Daemon {
  constructor(argv, options = {}) {
    const [file, ...args] = argv;
    this.name = argv.join(' ');
    this.output = '';
    this.child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    this.exited = once(this.child, 'exit');
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        // Only the output at startup is waited for; the rest is not kept.
        this.output = (this.output + text).slice(-100_000);
        this.child.emit('said');
      });
    }
  }

  get pid() {
    return this.child.pid;
  }

  /** Resolves with the match once the output matches. */
  says(pattern) {
    return new Promise((resolve, reject) => {
      const fail = (why) => {
        this.child.off('said', look);
        clearTimeout(timer);
        reject(new Error(`${this.name} ${why} ${pattern}: ${this.output}`));
      };
      const timer = setTimeout(() => fail('does not print'), PATIENCE);
      const look = () => {
        const match = pattern.exec(this.output);
        if (!match) return;
        this.child.off('said', look);
        clearTimeout(timer);
        resolve(match);
      };
      this.child.on('said', look);
      void this.exited.then(() => fail('ended without printing'));
      look();
    });
  }

  async end(signal = 'SIGTERM') {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    const kill = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await this.exited;
    clearTimeout(kill);
  }
}
