import * as v from 'valibot';
import * as s from './words.ts';

// The words of how busy a machine is; see words.ts.

const room = v.pipe(v.object({ used: s.bytes, total: s.bytes }), v.title('room'));
const load = v.pipe(v.number(), v.finite(), v.minValue(0), v.title('load'));

export const machine = { load, memory: room, disk: v.nullable(room) };

/** The same, if it is known. */
export const knownMachine = {
  load: v.optional(v.nullable(load), null),
  memory: v.optional(v.nullable(room), null),
  disk: v.optional(v.nullable(room), null),
};
