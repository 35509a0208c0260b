import type { DroneEvent } from '../../protocol/events.ts';
import type { ProcessReport } from '../../protocol/process.ts';
import type { LaunchOptions } from './launch.ts';
import type { RecordStore } from './record-store.ts';

/** What a process needs from the drone. */
export interface Surroundings extends LaunchOptions {
  store: RecordStore;
  /** Returns why the drone wants a process restarted; null if it does not. */
  restartWhy(id: string): string | null;
  changed(report: ProcessReport): void;
  /** The process is gone for good. */
  gone(id: string): void;
  event(event: DroneEvent): void;
  problem(line: string): void;
}
