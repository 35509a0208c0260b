import type { Right } from '../../../src/protocol/rights.ts';

/** What an attack has at hand. */
export interface Scene {
  address: string;
  port: number;
  gport: number;
  secret: string;
  /** If the hub has TLS: that of its key. */
  fingerprint: string | undefined;
  /** Where a hub's clients have their checkouts. */
  dir: string;
  /** A commit that the hub has. */
  release: { repo: string; commit: string };
  /** Makes a token. */
  token(name: string, can: Right[]): Promise<string>;
}

/** Attacks by what they are: each returns what the attacker was told. Those that begin with `TLS` are on a hub that has it. */
export type Attacks = Record<string, (scene: Scene) => Promise<string>>;

/** Waits for all, and returns how many had which outcome. */
export async function tally(promises: readonly Promise<unknown>[]): Promise<string> {
  const counts = new Map<string, number>();
  for (const settled of await Promise.allSettled(promises)) {
    const error =
      settled.status === 'rejected' ? (settled.reason as { code?: string; message?: string }) : null;
    const what = error === null ? 'ok' : `${error.code ?? ''} ${(error.message ?? '').slice(0, 70)}`.trim();
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const most = [...counts].sort(([, a], [, b]) => b - a);
  return most
    .slice(0, 3)
    .map(([what, count]) => `${count} × ${what}`)
    .join('; ');
}

/** Does something `count` times, `atOnce` at once, and returns what became of it. */
export async function inBatches(
  count: number,
  atOnce: number,
  act: (n: number) => Promise<unknown>,
): Promise<string> {
  const all: Promise<unknown>[] = [];
  for (let n = 0; n < count; n += atOnce) {
    const batch = Array.from({ length: Math.min(atOnce, count - n) }, (_, at) => act(n + at));
    await Promise.allSettled(batch);
    all.push(...batch);
  }
  return tally(all);
}
