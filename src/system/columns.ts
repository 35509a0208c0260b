/** Returns rows as lines whose columns are two spaces apart. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Returns rows without the columns in which all cells are empty. */
export function usedColumns(rows: readonly (readonly string[])[]): string[][] {
  const isUsed = (column: number) => rows.some((row) => row[column] !== '');
  return rows.map((row) => row.filter((_, column) => isUsed(column)));
}
