import { differences, ratios, summary } from './statistics.mjs';

/**
 * Returns one line of the table, from samples of the same rounds: what fleet took, what that is more than the floor, and its
 * ratio to it, round by round. `goal` is the ratio to stay below, and `unit` the unit of the samples.
 */
export function line({ what, floor, unit, goal, ours, floors, notes = [] }) {
  const ratio = summary(ratios(ours, floors));
  return {
    what,
    floor,
    unit,
    ours: summary(ours),
    bare: summary(floors),
    more: summary(differences(ours, floors)),
    ratio,
    goal,
    met: ratio.median <= goal,
    notes,
  };
}

/** Returns a line for another program that does the same, in the same rounds. */
export function peerLine({ what, floor, unit, ours, floors, notes = [] }) {
  return {
    ...line({ what, floor, unit, goal: Number.NaN, ours, floors, notes }),
    goal: null,
    met: null,
    peer: true,
  };
}

/** Returns a line whose goal is not a ratio: `goal` is text, and `met` tells whether it was reached. */
export function plainLine({ what, floor, unit, ours, floors, goal, met, notes = [] }) {
  const ratio = floors ? summary(ratios(ours, floors)) : null;
  return {
    what,
    floor,
    unit,
    ours: summary(ours),
    bare: floors ? summary(floors) : null,
    more: floors ? summary(differences(ours, floors)) : null,
    ratio,
    goal,
    met,
    notes,
  };
}
