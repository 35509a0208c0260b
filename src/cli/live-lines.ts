/** Whose text it is, and how it is printed. */
interface Source {
  /** The same for all text of one process. */
  key: string;
  /** Goes before each line. */
  prefix: string;
  /** Makes text safe for where it is printed. */
  safe(text: string): string;
}

/**
 * Composes the output of many processes, unfinished lines included. The rest of a line follows what was printed of it, on
 * the same line; if others have printed meanwhile, on a line of its own.
 */
export class LiveLines {
  /** Whose unfinished line was printed last. */
  private open: string | null = null;
  /** What was printed of unfinished lines, by key. */
  private readonly shown = new Map<string, string>();

  /** Returns what to print for more of an unfinished line. */
  more({ key, prefix, safe }: Source, text: string): string {
    const before = this.open === key ? '' : `${this.close()}${prefix}`;
    this.open = key;
    this.shown.set(key, `${this.shown.get(key) ?? ''}${text}`);
    return `${before}${safe(text)}`;
  }

  /** Returns what to print for whole lines of a process, at least one, of which the first may have been shown in part. */
  lines(source: Source, lines: readonly string[]): string {
    if (!this.shown.has(source.key)) return `${this.close()}${asLines(source, lines)}`;
    const [first = '', ...others] = lines;
    return `${this.restOf(source, first)}${others.length === 0 ? '' : asLines(source, others)}`;
  }

  /** Returns what ends an unfinished line, so that something else can be printed; empty if there is none. */
  close(): string {
    const end = this.open === null ? '' : '\n';
    this.open = null;
    return end;
  }

  /** Returns what to print for a line that was shown in part, or for all of it if that was not its beginning. */
  private restOf(source: Source, line: string): string {
    const shown = this.shown.get(source.key) ?? '';
    this.shown.delete(source.key);
    const continues = this.open === source.key;
    const end = this.close();
    if (!line.startsWith(shown)) return `${end}${asLines(source, [line])}`;
    const rest = line.slice(shown.length);
    if (continues) return `${source.safe(rest)}\n`;
    return rest === '' ? end : `${end}${asLines(source, [rest])}`;
  }
}

function asLines({ prefix, safe }: Source, lines: readonly string[]): string {
  return `${prefix}${safe(lines.join('\n')).replaceAll('\n', `\n${prefix}`)}\n`;
}
