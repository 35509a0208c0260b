import { EventEmitter } from 'node:events';
import type { ProcessReport } from '../../protocol/process.ts';
import { type Usage, usageOf } from '../../system/usage.ts';

/** Between looks, each one pass over all processes of the machine. */
const LOOK_EVERY_MS = 5_000;
/** How much must have changed for the hub to hear of it: percent of a core, and a share of the memory. */
const NOTABLE_CPU = 5;
const NOTABLE_MEMORY_SHARE = 0.1;

/** What a process uses now. */
export interface Use {
  /** Percent of one core. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

interface Known extends Use {
  pid: number;
  usage: Usage;
  at: number;
  told: Use;
}

export interface UsageWatchOptions {
  reports(): readonly ProcessReport[];
  usageOf?: (pids: Iterable<number>) => Map<number, Usage>;
}

/** Measures what processes use, every few seconds. */
export class UsageWatch extends EventEmitter<{ measured: [ids: string[]] }> {
  private readonly known = new Map<string, Known>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: UsageWatchOptions) {
    super();
  }

  start(): void {
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** What a process uses; undefined if it was not measured twice yet. */
  of(id: string, pid: number | null): Use | undefined {
    const known = this.known.get(id);
    return known && known.pid === pid && known.cpu >= 0
      ? { cpu: known.cpu, memory: known.memory }
      : undefined;
  }

  /** Measures all; emits the ids of those whose use has changed notably. */
  look(now = performance.now()): void {
    const running = this.options.reports().filter(({ pid }) => pid !== null);
    const usages = (this.options.usageOf ?? usageOf)(running.map(({ pid }) => pid ?? 0));
    const notable: string[] = [];
    for (const { id, pid } of running) {
      const usage = pid === null ? undefined : usages.get(pid);
      if (pid === null || !usage) continue;
      const before = this.known.get(id);
      const next = measured(before?.pid === pid ? before : undefined, pid, usage, now);
      if (isNotable(next)) {
        next.told = { cpu: next.cpu, memory: next.memory };
        notable.push(id);
      }
      this.known.set(id, next);
    }
    const ids = new Set(running.map(({ id }) => id));
    for (const id of this.known.keys()) if (!ids.has(id)) this.known.delete(id);
    this.emit('measured', notable);
  }
}

function measured(before: Known | undefined, pid: number, usage: Usage, now: number): Known {
  const told = before?.told ?? { cpu: -1, memory: 0 };
  const memory = usage.memoryBytes;
  if (!before) return { pid, usage, at: now, cpu: -1, memory, told };
  const seconds = Math.max(0.001, (now - before.at) / 1000);
  const used = Math.max(0, usage.cpuSeconds - before.usage.cpuSeconds);
  return { pid, usage, at: now, cpu: Math.round((used / seconds) * 100), memory, told };
}

function isNotable({ cpu, memory, told }: Known): boolean {
  if (cpu < 0) return false;
  if (told.cpu < 0 || Math.abs(cpu - told.cpu) >= NOTABLE_CPU) return true;
  return Math.abs(memory - told.memory) > told.memory * NOTABLE_MEMORY_SHARE;
}
