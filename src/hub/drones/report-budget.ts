import { FleetError } from '../../protocol/errors.ts';
import type { Fence } from '../../protocol/fence.ts';
import type { Lag } from '../../protocol/fetch.ts';
import type { JobReport } from '../../protocol/instance.ts';
import type { ProcessReport } from '../../protocol/process.ts';

/** Bytes that the reports of all drones of one token may take, and of all tokens: `drones` and `ps` must fit into one answer. */
export const MAX_TOKEN_BYTES = 16 * 1024 * 1024;
export const MAX_TOKENS_BYTES = 40 * 1024 * 1024;

/** What a drone says of itself, and is counted. */
export type Reported = ProcessReport | JobReport | Lag | Record<string, Fence> | Record<string, string>;

/** Returns how many bytes of an answer it takes, which is JSON within JSON. */
export function sizeOf(report: Reported): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(report)));
}

/** How much of the hub's memory may be taken for what drones report. */
export class ReportBudget {
  private spent = 0;

  constructor(
    private readonly max: number,
    private readonly what: string,
    /** A larger one, which this is part of. */
    private readonly whole?: ReportBudget,
  ) {}

  /** Throws EPROTOCOL, and takes nothing, if there is no room for so many bytes. */
  take(bytes: number): void {
    if (this.spent + bytes > this.max)
      throw new FleetError('EPROTOCOL', `${this.what} report more than ${this.max} bytes`);
    this.whole?.take(bytes);
    this.spent += bytes;
  }

  giveBack(bytes: number): void {
    this.spent -= bytes;
    this.whole?.giveBack(bytes);
  }
}

/** The budgets of tokens, by name. Whoever has the hub's secret is not limited. */
export class ReportBudgets {
  private readonly all = new ReportBudget(MAX_TOKENS_BYTES, 'the drones of all tokens');
  private readonly byToken = new Map<string, ReportBudget>();

  of(token: string | null): ReportBudget | undefined {
    if (token === null) return undefined;
    const what = `the drones of the token '${token}'`;
    const known = this.byToken.get(token) ?? new ReportBudget(MAX_TOKEN_BYTES, what, this.all);
    this.byToken.set(token, known);
    return known;
  }
}
