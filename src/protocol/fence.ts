/**
 * Says how new a hub's view of an app is: when what counts was created, in milliseconds since 1970, and the count since
 * then. A hub by itself counts its starts.
 */
export interface Fence {
  created: number;
  count: number;
  /** Made by the hubs that give orders with it, of the app and these numbers; left out by older ones. */
  mark?: string;
}

/** In an order: it is about this app. */
export interface OrderFence extends Fence {
  app: string;
}

/** The highest number that `created` and `count` may have; one more is still exact. */
export const MAX_FENCE = Number.MAX_SAFE_INTEGER - 1;

/** Returns true if `a` is lower than `b`. A count means nothing once what counts was created anew. */
export function isLower(a: Fence, b: Fence): boolean {
  return a.created === b.created ? a.count < b.count : a.created < b.created;
}

/** Returns the lowest fence that is higher than this one; null if there is none. */
export function fenceAbove({ created, count }: Fence): Fence | null {
  if (count < MAX_FENCE) return { created, count: count + 1 };
  return created < MAX_FENCE ? { created: created + 1, count: 0 } : null;
}
