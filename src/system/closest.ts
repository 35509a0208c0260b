/** Returns the known word that was probably meant by one that was mistyped; undefined if none is close. */
export function closest(word: string, known: readonly string[]): string | undefined {
  const near = known
    .map((name) => ({ name, most: Math.max(1, Math.floor(Math.max(word.length, name.length) / 3)) }))
    // The distance is at least that of the lengths, and takes long to find for long words.
    .filter(({ name, most }) => Math.abs(word.length - name.length) <= most)
    .map(({ name, most }) => ({ name, most, distance: distance(word, name) }))
    .filter(({ most, distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return near[0]?.name;
}

/** Returns what to say of a word that is none of those known: what was probably meant, or what there is. */
export function meantText(word: string, known: readonly string[]): string {
  const meant = closest(word, known);
  return meant === undefined ? `there are: ${known.join(', ')}` : `did you mean ${meant}?`;
}

/** Returns how many letters must be changed, added, dropped or swapped: the restricted Damerau–Levenshtein distance. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
