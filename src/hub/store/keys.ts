import { FleetError } from '../../protocol/errors.ts';

// A key is `KIND` or `KIND.NAME`. A name is any text, as a host's or a stage's (`app.webapp@pr-12`); it may have dots itself.

/** A key in its parts. */
export interface Key {
  kind: string;
  /** Null for what there is only one of. */
  name: string | null;
}

const KIND_PATTERN = /^[a-z][a-z-]{0,29}$/;
const MAX_NAME_BYTES = 500;

/** Returns the parts of a key. Throws EINTERNAL if it is none. */
export function parseKey(key: string): Key {
  const dot = key.indexOf('.');
  const kind = dot < 0 ? key : key.slice(0, dot);
  const name = dot < 0 ? null : key.slice(dot + 1);
  if (!KIND_PATTERN.test(kind) || (name !== null && !isKeyName(name)))
    throw new FleetError('EINTERNAL', `not a key: ${JSON.stringify(key)}`);
  return { kind, name };
}

/** Returns the key of a kind and a name. */
export function keyOf({ kind, name }: Key): string {
  return name === null ? kind : `${kind}.${name}`;
}

/** Returns true if a key is one of those that a prefix (`KIND.`, or a whole key) stands for. */
export function hasPrefix(key: string, prefix: string): boolean {
  return prefix.endsWith('.') ? key.startsWith(prefix) : key === prefix;
}

/**
 * Returns a key as others store it, in two words at most of `A-Z a-z 0-9 - _ =`, which a dot separates: what else a name has
 * becomes `=` and two hex digits for each of its bytes (`app.webapp=40pr-12`).
 */
export function encodedKey(key: string): string {
  const { kind, name } = parseKey(key);
  if (name === null) return kind;
  const bytes = [...Buffer.from(name)].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_-]/.test(character) ? character : `=${hexOf(byte)}`;
  });
  return `${kind}.${bytes.join('')}`;
}

/** Returns what was encoded; null if that is not what `encodedKey` returns for any key. */
export function decodedKey(text: string): string | null {
  const [kind = '', word, ...more] = text.split('.');
  if (more.length > 0) return null;
  const bytes = word?.match(/=[0-9A-F]{2}|./gs)?.map((one) => {
    return one.length === 1 ? one.charCodeAt(0) : Number.parseInt(one.slice(1), 16);
  });
  const name = word === undefined ? null : Buffer.from(bytes ?? []).toString('utf8');
  if (!KIND_PATTERN.test(kind) || (name !== null && !isKeyName(name))) return null;
  const key = keyOf({ kind, name });
  return encodedKey(key) === text ? key : null;
}

/** Returns true if something can be stored under a name: it is not empty nor too long, and survives as UTF-8. */
function isKeyName(name: string): boolean {
  const bytes = Buffer.from(name);
  return bytes.length > 0 && bytes.length <= MAX_NAME_BYTES && bytes.toString('utf8') === name;
}

function hexOf(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}
