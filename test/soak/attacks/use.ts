import { readFileSync } from 'node:fs';

const MIB = 1024 ** 2;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It has ended.
  }
}

/** Returns the bytes of memory that a process has; 0 if it has ended. */
function memoryOf(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

function childrenOf(pid: number): number[] {
  const own = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
  return own.flatMap((child) => [child, ...childrenOf(child)]);
}

/** The memory of a hub, and of all of its gits, in MiB. */
export class Use {
  before = 0;
  peak = 0;
  gits = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly pid: number) {
    this.before = this.now;
    this.timer = setInterval(() => this.look(), 50);
  }

  get now(): number {
    return Math.round(memoryOf(this.pid) / MIB);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    this.peak = Math.max(this.peak, this.now);
    const gits = childrenOf(this.pid).reduce((sum, pid) => sum + memoryOf(pid), 0);
    this.gits = Math.max(this.gits, Math.round(gits / MIB));
  }
}
