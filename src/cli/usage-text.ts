/** Returns `cpu  12%  mem  64M`; empty if it is not known. `cpu` is 100 for one core, `memory` is bytes. */
export function usageText(cpu: number | null, memory: number | null): string {
  if (cpu === null || memory === null) return '';
  return `cpu ${String(Math.round(cpu)).padStart(3)}%  mem ${bytesText(memory).padStart(4)}`;
}

/** Returns `91M`, `1.5G`: in MiB and GiB. */
export function bytesText(bytes: number): string {
  return bytes < 1024 ** 3 ? `${Math.round(bytes / 1024 ** 2)}M` : `${(bytes / 1024 ** 3).toFixed(1)}G`;
}
