import type { Fence } from '../../protocol/fence.ts';
import type { Lag } from '../../protocol/fetch.ts';
import type { JobReport } from '../../protocol/instance.ts';
import type { ProcessReport } from '../../protocol/process.ts';

/** What a drone says about itself when it joins. */
export interface Introduction {
  identity: string;
  /** The name that it asks for. */
  name: string;
  processes: ProcessReport[];
  start?: string | null;
  labels?: Record<string, string>;
  jobs?: JobReport[];
  /** Where its instances are reached. */
  address?: string | null;
  lags?: Lag[];
  /** The highest fence of the orders that it has taken, by app. */
  fences?: Record<string, Fence>;
  /** Whose token it joins with; null for the hub's secret. */
  by?: string | null;
  /** The only name that the token is for; null for any. */
  only?: string | null;
  /** The name that it has, if that is decided already. */
  given?: string;
  /** The hub that it is connected to, if that is another one. */
  via?: string;
  /** What tells its connection from others; a new one if that is left out. */
  key?: string | undefined;
  /** When it was connected (performance.now); now if that is left out. */
  since?: number;
}
