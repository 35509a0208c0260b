/** What the system says if a disk takes no more: full, over a quota, or read-only. errno(3) */
const REFUSALS = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/** Returns true if the error, or its cause, says that the disk takes nothing. */
export function isRefusedByDisk(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return REFUSALS.has((error as NodeJS.ErrnoException).code ?? '') || isRefusedByDisk(error.cause);
}
