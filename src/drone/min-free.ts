/** Space that is kept free on a disk: bytes, or a share of the disk. */
export type MinFree = number | `${number}%`;

const DEFAULT_SHARE = 0.05;
/** On a large disk, a share of it is more than anybody would want to keep. */
const MAX_DEFAULT_BYTES = 500_000_000;

/** Returns how many bytes are kept free on a disk of this size. */
export function keptBytes(minFree: MinFree | undefined, totalBytes: number): number {
  if (minFree === undefined) return Math.min(DEFAULT_SHARE * totalBytes, MAX_DEFAULT_BYTES);
  return typeof minFree === 'number' ? minFree : (Number.parseFloat(minFree) / 100) * totalBytes;
}
