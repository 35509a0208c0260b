/** Returns `cpu  12%  mem  64M`; empty if it is not known. `cpu` is 100 for one core, `memory` is bytes. */
export function usageText(cpu: number | null, memory: number | null): string {
  if (cpu === null || memory === null) return '';
  const bytes =
    memory < 1024 ** 3 ? `${Math.round(memory / 1024 ** 2)}M` : `${(memory / 1024 ** 3).toFixed(1)}G`;
  return `cpu ${String(Math.round(cpu)).padStart(3)}%  mem ${bytes.padStart(4)}`;
}
