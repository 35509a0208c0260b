import { type Link, linkOf, START, Unchained } from './chain.ts';

/** The end of what is on disk: the last entry of the chain, and the lines behind it that are not part of it. */
export interface Ending {
  link: Link | null;
  unchained: Unchained;
  /** True if the last line is cut off. */
  isTorn: boolean;
}

/** Returns how a text ends. */
export function endingOf(text: string): Ending {
  let link: Link | null = null;
  let unchained = new Unchained();
  for (const line of text.split('\n')) {
    const next = linkOf(line);
    if (next) {
      link = next;
      unchained = new Unchained();
    } else if (line !== '') unchained.add(line);
  }
  return { link, unchained, isTorn: text !== '' && !text.endsWith('\n') };
}

/**
 * Returns what the next entry follows: the last one on disk, unless that is not what was written. Then it follows what was,
 * so that a check finds where entries are missing. `known` is the last one that was surely written, null if that is not
 * known; `links` are those on disk, as far back as `known` should be.
 */
export function resumed(known: Link | null, links: readonly Link[]): { after: Link; isWhole: boolean } {
  const last = links.at(-1) ?? START;
  if (known === null) return { after: last, isWhole: true };
  const isThere = known.n === 0 || links.some(({ n, hash }) => n === known.n && hash === known.hash);
  return isThere ? { after: last, isWhole: true } : { after: known, isWhole: false };
}

/** Returns the links of all entries in a text. */
export function linksOf(text: string): Link[] {
  return text.split('\n').flatMap((line) => linkOf(line) ?? []);
}
