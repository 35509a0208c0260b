/** What was typed behind `fleet NAME`, taken apart. */
export class Arguments {
  constructor(
    /** The subcommand's own subcommand; empty where there is none. */
    readonly verb: string,
    /** The bare words, or the command to run. */
    readonly words: string[],
    /** By option; one that is only on or off has none. */
    private readonly values: ReadonlyMap<string, string[]>,
    /** True if `--` was typed before the words. */
    readonly dashed = false,
  ) {}

  /** True where the option was given. */
  has(option: string): boolean {
    return this.values.has(option);
  }

  /** The option's value; where it was given more than once, the last one. */
  text(option: string): string | undefined {
    return this.values.get(option)?.at(-1);
  }

  /** Every value that the option was given, in order. */
  list(option: string): string[] {
    return this.values.get(option) ?? [];
  }

  /** The options as they could be typed, but for those named. */
  typed(except: readonly string[]): string[] {
    return [...this.values].flatMap(([name, values]) => {
      if (except.includes(name)) return [];
      return values.length === 0 ? [`--${name}`] : values.map((value) => `--${name}=${value}`);
    });
  }

  /** `{X: 'V'}` for `--env.X=V`. */
  pairs(option: string): Record<string, string> {
    const split = (pair: string) => /^(\w+)=(.*)$/s.exec(pair)?.slice(1, 3) ?? [];
    return Object.fromEntries(this.list(option).map(split));
  }
}
