import { routeText, type ServiceEndpoints, targetOf } from './services.ts';

/** Returns a line for each instance that gets requests, in columns. */
export function plainText(services: readonly ServiceEndpoints[]): string {
  const rows = services
    .flatMap(({ endpoints }) => endpoints)
    .map((one) => [
      one.app,
      `${one.service}.${one.slot}`,
      `${one.drone}#${one.id}`,
      targetOf(one) ?? `?:${one.port}`,
      `v${one.release}`,
      one.state,
      one.routes.map(routeText).join(' '),
    ]);
  const widths = [0, 1, 2, 3, 4, 5].map((column) =>
    Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}
