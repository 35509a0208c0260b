import { FleetError } from '../protocol/errors.ts';

const MAX_SHOWN_CHARACTERS = 60;

/** Returns a text that fits into a message. */
export function shorten(text: string): string {
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}

/** Returns a path as TOML writes it: `as."pr-*".services.web`. */
export function formatPath(path: readonly string[]): string {
  return path.map((key) => (/^[\w-]{1,60}$/.test(key) ? key : JSON.stringify(shorten(key)))).join('.');
}

/** A key of a file, whose mistakes are reported with its line. */
export class Place {
  readonly path: readonly string[];
  private readonly locate: (path: readonly string[]) => string;

  /** `locate` returns the file and line of a path: `fleet.toml:7`. */
  constructor(locate: (path: readonly string[]) => string, path: readonly string[] = []) {
    this.locate = locate;
    this.path = path;
  }

  key(...keys: string[]): Place {
    return new Place(this.locate, [...this.path, ...keys]);
  }

  /** The file and line: `fleet.toml:7`. */
  get at(): string {
    return this.locate(this.path);
  }

  /** Returns an ECONFIG that says what is wrong with this key. */
  error(reason: string): FleetError {
    return new FleetError('ECONFIG', `${this.at}: ${formatPath(this.path)} ${reason}`);
  }

  /** Returns an ECONFIG that says what the value must be, and what was probably meant. */
  mustBe(what: string, value: unknown, meant?: unknown): FleetError {
    const guess = meant === undefined ? '' : `; did you mean ${show(meant)}?`;
    return this.error(`must be ${what}, not ${show(value)}${guess}`);
  }
}

function show(value: unknown): string {
  if (value instanceof Date) return 'a date';
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return 'a table';
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return shorten(JSON.stringify(value));
}
