import { createHash, randomBytes } from 'node:crypto';

/**
 * What every object of JavaScript seems to have under a name: nothing that users name is called so.
 * See https://tc39.es/ecma262/#sec-properties-of-the-object-prototype-object
 */
const INHERITED = [
  ...['constructor', 'hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable', 'toLocaleString'],
  ...['toString', 'valueOf', '__proto__', '__defineGetter__', '__defineSetter__', '__lookupGetter__'],
  '__lookupSetter__',
];

/** Returns a pattern for names that match this one, and that not every object of JavaScript has. */
export function nameLike(pattern: RegExp): RegExp {
  return new RegExp(`^(?!(?:${INHERITED.join('|')})$)(?:${pattern.source})$`);
}

/**
 * A repository's or a drone's name: a plain file name and a plain word in a URL. Letters, digits, `.`, `_`, `-`;
 * no leading `.` or `-`, no trailing `.git` or `.lock`, 100 characters at most; not `constructor` or the like.
 */
export const NAME_PATTERN = nameLike(/(?!.*\.(?:git|lock)$)(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9._-]{0,99}/);

/** A full commit hash. Nothing else from the wire ever reaches git as a revision. */
export const COMMIT_PATTERN = /^[0-9a-f]{40}$/;

/** A process id of fleet's (not of the operating system's): six hex digits. */
export const ID_PATTERN = /^[0-9a-f]{6}$/;

/** The name of an environment variable. No object has `__proto__` as a key of its own by an assignment. */
export const ENV_NAME_PATTERN = /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_]*$/;

/** The variable by which a drone recognises a process of its own, and whatever that starts: nobody else's value is taken. */
export const MARK_VARIABLE = 'FLEET_RUN';

/** Returns true if `name` can name a repository or a drone. */
export function isName(name: string): boolean {
  return NAME_PATTERN.test(name);
}

/**
 * Returns a name for any text, such as a host's or a directory's: accents go, and what does not fit becomes `-`. If
 * letters of another script go with that, a hash of the text tells it from others that would look the same.
 */
export function toName(text: string): string {
  const plain = text
    .replace(/\.git$/, '')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '');
  const name = plain
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/^[-.]+/, '')
    .slice(0, 100);
  if (isName(name) && !/[^\0-\x7f]/.test(plain)) return name;
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 6);
  const rest = name.slice(0, 90).replace(/[-.]+$/, '');
  return isName(`${rest}-${hash}`) ? `${rest}-${hash}` : `unnamed-${hash}`;
}

/** Parts of all ids, of 262,144 each. */
export const ID_RANGES = 64;
const RANGE_STEP = 256 / ID_RANGES;

/**
 * Returns a new process id for which `taken(id)` is false. None reads as a whole number: objects put such keys before
 * all others, and processes would not stay in the order in which they were started. Of several hubs, each has a `range`
 * of its own, of {@link ID_RANGES}.
 */
export function newId(taken: (id: string) => boolean, range: number | null = null): string {
  for (;;) {
    const bytes = randomBytes(3);
    if (range !== null) bytes.writeUInt8(range * RANGE_STEP + (bytes.readUInt8() % RANGE_STEP));
    const id = bytes.toString('hex');
    if (!/^[1-9]\d*$/.test(id) && !taken(id)) return id;
  }
}

/** Returns the first of `web`, `web-1`, `web-2`, … for which `taken` is false. */
export function freeName(wanted: string, taken: (name: string) => boolean): string {
  if (!taken(wanted)) return wanted;
  for (let n = 1; ; n++) {
    const name = `${wanted.slice(0, 94)}-${n}`;
    if (!taken(name)) return name;
  }
}

/** Formats a command as a line for a shell, with quotes only where they are needed. */
export function commandLine(command: readonly string[]): string {
  return command
    .map((word) => (/^[^\s'"\\$`]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
