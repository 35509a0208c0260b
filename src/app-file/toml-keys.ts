/** Where a key of a TOML text stands. Elements of arrays have their index as key. */
export interface TomlKey {
  path: string[];
  /** From 1. */
  line: number;
}

/** Keys that are deeper are left out: fleet.toml has none. */
const MAX_DEPTH = 50;

const ESCAPES: Record<string, string> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\x1b' };

/**
 * Returns every key of a text that is valid TOML, with its line, in the order of the text. A table without a header of
 * its own has the line of the first key in it. TOML parsers for JavaScript don't say where a key was.
 */
export function tomlKeys(text: string): TomlKey[] {
  const scanner = new Scanner(text);
  scanner.document();
  return scanner.keys;
}

/** Reads TOML 1.1 without checking it: https://toml.io/en/v1.1.0 */
class Scanner {
  readonly keys: TomlKey[] = [];
  private readonly seen = new Set<string>();
  /** How many tables each array of tables has, by its path. */
  private readonly lengths = new Map<string, number>();
  private readonly text: string;
  private at = 0;
  private line = 1;

  constructor(text: string) {
    this.text = text;
  }

  document(): void {
    let table: string[] = [];
    for (this.skip(/[\s\ufeff]/); this.at < this.text.length; this.skip(/\s/)) {
      if (this.peek() === '[') table = this.header();
      else this.pair(table);
    }
  }

  private header(): string[] {
    const isArray = this.text.startsWith('[[', this.at);
    this.take(isArray ? 2 : 1);
    const path: string[] = [];
    const { line } = this;
    const words = this.dotted();
    for (const [index, word] of words.entries()) {
      path.push(word);
      const key = JSON.stringify(path);
      const length = this.lengths.get(key);
      const adds = isArray && index === words.length - 1;
      if (adds) this.lengths.set(key, (length ?? 0) + 1);
      this.note(path, line);
      if (adds) path.push(String(length ?? 0));
      else if (length !== undefined) path.push(String(length - 1));
    }
    this.note(path, line);
    this.take(isArray ? 2 : 1);
    return path;
  }

  private pair(table: readonly string[]): void {
    const { line } = this;
    const path = [...table];
    for (const word of this.dotted()) {
      path.push(word);
      this.note(path, line);
    }
    this.take(1);
    this.skip(/[ \t]/);
    this.value(path);
  }

  /** Reads `a . "b c"`, up to what follows it. */
  private dotted(): string[] {
    const words: string[] = [];
    for (;;) {
      this.skip(/[ \t]/);
      const quote = this.peek();
      const word = quote === '"' || quote === "'" ? this.quoted(quote) : this.while(/[\w-]/);
      if (words.length <= MAX_DEPTH) words.push(word);
      this.skip(/[ \t]/);
      if (this.peek() !== '.') return words;
      this.take(1);
    }
  }

  private value(path: readonly string[]): void {
    const first = this.peek();
    if (first === '[') this.array(path);
    else if (first === '{') this.inlineTable(path);
    else if (first !== '"' && first !== "'") this.while(/[^,\]}#\r\n]/);
    else if (this.text.startsWith(first.repeat(3), this.at)) this.multiline(first);
    else this.quoted(first);
  }

  private array(path: readonly string[]): void {
    this.take(1);
    for (let index = 0; ; index++) {
      this.skip(/[\s,]/);
      if (this.peek() === ']') break;
      const element = [...path, String(index)];
      this.note(element, this.line);
      this.value(element);
    }
    this.take(1);
  }

  private inlineTable(path: readonly string[]): void {
    this.take(1);
    for (;;) {
      this.skip(/[\s,]/);
      if (this.peek() === '}') break;
      this.pair(path);
    }
    this.take(1);
  }

  private quoted(quote: string): string {
    this.take(1);
    let word = '';
    while (this.at < this.text.length && this.peek() !== quote) {
      word += quote === '"' && this.peek() === '\\' ? this.escape() : this.take(1);
    }
    this.take(1);
    return word;
  }

  private escape(): string {
    this.take(1);
    const letter = this.take(1);
    const digits = { x: 2, u: 4, U: 8 }[letter];
    if (digits) return String.fromCodePoint(Number.parseInt(this.take(digits), 16));
    return ESCAPES[letter] ?? letter;
  }

  /** Up to two quotes may stand directly before the three that end it. */
  private multiline(quote: string): void {
    this.take(3);
    const end = quote.repeat(3);
    while (this.at < this.text.length && !this.text.startsWith(end, this.at)) {
      this.take(quote === '"' && this.peek() === '\\' ? 2 : 1);
    }
    this.take(3);
    this.while(quote === '"' ? /"/ : /'/);
  }

  /** Skips these characters and comments. */
  private skip(characters: RegExp): void {
    for (this.while(characters); this.peek() === '#'; this.while(characters)) this.while(/[^\n]/);
  }

  private while(characters: RegExp): string {
    const start = this.at;
    while (this.at < this.text.length && characters.test(this.peek())) this.take(1);
    return this.text.slice(start, this.at);
  }

  private peek(): string {
    return this.text[this.at] ?? '';
  }

  private take(length: number): string {
    const taken = this.text.slice(this.at, this.at + length);
    this.line += taken.split('\n').length - 1;
    this.at += length;
    return taken;
  }

  private note(path: readonly string[], line: number): void {
    if (path.length > MAX_DEPTH) return;
    const key = JSON.stringify(path);
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.keys.push({ path: [...path], line });
  }
}
