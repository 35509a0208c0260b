/** What the system says if a disk has no room: it is full, or over a quota. errno(3) */
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Returns true if the error, or its cause, says that the disk is full. */
export function isDiskFull(error: unknown): boolean {
  return hasCode(error, (code) => FULL.has(code));
}

/** Returns true if the error, or its cause, says that the disk takes nothing: it is full, or read-only. */
export function isRefusedByDisk(error: unknown): boolean {
  return hasCode(error, (code) => FULL.has(code) || code === 'EROFS');
}

function hasCode(error: unknown, isMeant: (code: string) => boolean): boolean {
  if (!(error instanceof Error)) return false;
  return isMeant((error as NodeJS.ErrnoException).code ?? '') || hasCode(error.cause, isMeant);
}
