/**
 * Returns the words of a command line without the secret, for what this machine's `ps` shows; null if there is none in it.
 * What comes after `--` belongs to another command.
 */
export function wordsWithoutSecret(words: readonly string[]): string[] | null {
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  const shown = own.filter((word, at) => !/^--secret(=|$)/.test(word) && own[at - 1] !== '--secret');
  return shown.length === own.length ? null : [...shown, ...words.slice(own.length)];
}
