/** What was typed after `fleet NAME`, parsed. */
export class Arguments {
  constructor(
    /** The subcommand of the command, such as `add` of `fleet remote add`; empty if there is none. */
    readonly verb: string,
    /** The bare words, or the command to run. */
    readonly words: string[],
    /** By option; an option that takes no value has an empty list. */
    private readonly values: ReadonlyMap<string, string[]>,
    /** True if `--` was typed before the words. */
    readonly dashed = false,
    /** Those of the words that were typed behind `--`. */
    readonly behindDashes: string[] = [],
  ) {}

  /** Returns true if the option was given. */
  has(option: string): boolean {
    return this.values.has(option);
  }

  /** Returns the option's value, the last one if it was given more than once. */
  text(option: string): string | undefined {
    return this.values.get(option)?.at(-1);
  }

  /** Returns every value that the option was given, in order. */
  list(option: string): string[] {
    return this.values.get(option) ?? [];
  }

  /** Returns the options as they could be typed, except for those named. */
  typed(except: readonly string[]): string[] {
    return [...this.values].flatMap(([name, values]) => {
      if (except.includes(name)) return [];
      return values.length === 0 ? [`--${name}`] : values.map((value) => `--${name}=${value}`);
    });
  }

  /** Returns `{X: 'V'}` for `--env.X=V`. */
  pairs(option: string): Record<string, string> {
    const split = (pair: string) => /^(\w+)=(.*)$/s.exec(pair)?.slice(1, 3) ?? [];
    return Object.fromEntries(this.list(option).map(split));
  }
}
