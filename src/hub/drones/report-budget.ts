import { FleetError } from '../../protocol/errors.ts';

/** Characters that the reports of all drones of one token may take, and of all tokens: `ps` must fit into one answer. */
export const MAX_TOKEN_CHARACTERS = 16 * 1024 * 1024;
export const MAX_TOKENS_CHARACTERS = 40 * 1024 * 1024;

/** How much of the hub's memory may be taken for what drones report. */
export class ReportBudget {
  private spent = 0;

  constructor(
    private readonly max: number,
    private readonly what: string,
    /** A larger one, which this is part of. */
    private readonly whole?: ReportBudget,
  ) {}

  /** Throws EPROTOCOL, and takes nothing, if there is no room for so many characters. */
  take(characters: number): void {
    if (this.spent + characters > this.max)
      throw new FleetError('EPROTOCOL', `${this.what} report more than ${this.max} characters`);
    this.whole?.take(characters);
    this.spent += characters;
  }

  giveBack(characters: number): void {
    this.spent -= characters;
    this.whole?.giveBack(characters);
  }
}

/** The budgets of tokens, by name. Whoever has the hub's secret is not limited. */
export class ReportBudgets {
  private readonly all = new ReportBudget(MAX_TOKENS_CHARACTERS, 'the drones of all tokens');
  private readonly byToken = new Map<string, ReportBudget>();

  of(token: string | null): ReportBudget | undefined {
    if (token === null) return undefined;
    const what = `the drones of the token '${token}'`;
    const known = this.byToken.get(token) ?? new ReportBudget(MAX_TOKEN_CHARACTERS, what, this.all);
    this.byToken.set(token, known);
    return known;
  }
}
