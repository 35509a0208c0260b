/** A place for an instance: of which drone it is. */
export interface Slot {
  slot: number;
  drone: string;
}

/** An instance, as far as it matters for what comes next. */
export interface Present extends Slot {
  release: number;
  /** Ready, or up. */
  isGood: boolean;
  /** It is being stopped. */
  isLeaving: boolean;
}

/** How a service gets from what runs to what should run. */
export interface Course {
  release: number;
  order: 'start-first' | 'stop-first';
  /** How many are replaced at a time. */
  parallel: number;
}

export interface Convergence<P extends Present> {
  start: Slot[];
  stop: P[];
  /** What is in no slot that there should be, being stopped or not. */
  extra: P[];
  /** Each slot has a good instance of the release. */
  areAllGood: boolean;
  /** And nothing else. */
  isSettled: boolean;
}

/**
 * Returns what to start and stop now, so that each of `slots` has one good instance of the release, and no other. Never
 * are more than `parallel` slots between an old and a new instance. A slot that is in `kept` belongs to a drone that is
 * away, or is not meant: what is there is left as it is.
 */
export function converge<P extends Present>(
  slots: readonly Slot[],
  present: readonly P[],
  course: Course,
  kept: ReadonlySet<number> = new Set(),
): Convergence<P> {
  const bySlot = grouped(present);
  const views = slots.map((slot) => viewOf(slot, bySlot.get(slot.slot) ?? NONE, course.release));
  const isReplacing = views.some(({ others }) => others.length > 0);
  const start: Slot[] = [];
  const stop: P[] = [];
  let room = course.parallel;
  let areAllGood = true;
  for (const view of views) {
    if (!view.current?.isGood) areAllGood = false;
    if (isUnderWay(view, course, isReplacing)) room--;
  }
  for (const { slot, current, others } of views) {
    if (current && (others.length === 0 || !current.isGood)) continue;
    const staying = others.filter(({ isLeaving }) => !isLeaving);
    if (current) stop.push(...staying);
    else if (course.order === 'start-first' || others.length === 0) {
      // A slot where nothing was before is not replaced.
      const isFree = others.length === 0 && (course.order === 'start-first' || !isReplacing);
      if (isFree || room-- > 0) start.push(slot);
    } else if (staying.length < others.length || room-- > 0) stop.push(...staying);
  }
  for (const { slot } of slots) bySlot.delete(slot);
  const extra = [...bySlot].flatMap(([slot, here]) => (kept.has(slot) ? [] : here));
  const isSettled = areAllGood && extra.length === 0 && !isReplacing;
  return { start, stop, extra, areAllGood, isSettled };
}

const NONE: never[] = [];

interface View<P> {
  slot: Slot;
  /** The instance that should be there. */
  current: P | undefined;
  others: readonly P[];
}

/** One pass over all instances, however many slots there are. */
function grouped<P extends Present>(present: readonly P[]): Map<number, P[]> {
  const bySlot = new Map<number, P[]>();
  for (const one of present) {
    const here = bySlot.get(one.slot);
    if (here) here.push(one);
    else bySlot.set(one.slot, [one]);
  }
  return bySlot;
}

function viewOf<P extends Present>(slot: Slot, here: readonly P[], release: number): View<P> {
  const isCurrent = (one: P) => one.release === release && one.drone === slot.drone && !one.isLeaving;
  const current = here.find((one) => isCurrent(one) && one.isGood) ?? here.find(isCurrent);
  const others = current ? here.filter((one) => one !== current) : here;
  return { slot, current, others };
}

/** Between an old and a new instance. */
function isUnderWay<P extends Present>(
  { current, others }: View<P>,
  { order }: Course,
  isReplacing: boolean,
): boolean {
  if (current) return others.length > 0 || (order === 'stop-first' && isReplacing && !current.isGood);
  return order === 'stop-first' && others.some(({ isLeaving }) => isLeaving);
}
