import assert from 'node:assert/strict';
import { test } from 'node:test';
import { converge, type Present } from '../../../src/hub/apps/converge.ts';

/** `1v2+` is a good instance of release 2 in slot 1, `-` one that is not yet, `x` one that leaves. */
function instances(text: string): (Present & { name: string })[] {
  return text
    .split(' ')
    .filter(Boolean)
    .map((name) => {
      const [, slot = '', release = '', mark = ''] = /^(\d+)v(\d+)([+x-])$/.exec(name) ?? [];
      const state = { isGood: mark === '+', isLeaving: mark === 'x' };
      return { name, slot: Number(slot), release: Number(release), drone: 'a', ...state };
    });
}

const TABLE: [string, 'start-first' | 'stop-first', number, string, string][] = [
  ['nothing there: all are started', 'start-first', 1, '', 'start 1 2 3'],
  ['nothing there, whatever the order', 'stop-first', 1, '', 'start 1 2 3'],
  ['all old: one is started', 'start-first', 1, '1v1+ 2v1+ 3v1+', 'start 1'],
  ['two at a time', 'start-first', 2, '1v1+ 2v1+ 3v1+', 'start 1 2'],
  ['the new one is not ready yet', 'start-first', 1, '1v1+ 1v2- 2v1+ 3v1+', ''],
  ['the new one is ready: the old one leaves', 'start-first', 1, '1v1+ 1v2+ 2v1+ 3v1+', 'stop 1v1+'],
  ['the old one is leaving: it counts', 'start-first', 1, '1v1x 1v2+ 2v1+ 3v1+', ''],
  ['the old one is gone: the next', 'start-first', 1, '1v2+ 2v1+ 3v1+', 'start 2'],
  ['an old one that has crashed is replaced like any', 'start-first', 1, '1v1- 2v1- 3v1-', 'start 1'],
  ['stop-first: one is stopped', 'stop-first', 1, '1v1+ 2v1+ 3v1+', 'stop 1v1+'],
  ['stop-first: it is leaving', 'stop-first', 1, '1v1x 2v1+ 3v1+', ''],
  ['stop-first: it is gone', 'stop-first', 1, '2v1+ 3v1+', 'start 1'],
  ['stop-first: the new one is not ready yet', 'stop-first', 1, '1v2- 2v1+ 3v1+', ''],
  ['stop-first: the next', 'stop-first', 1, '1v2+ 2v1+ 3v1+', 'stop 2v1+'],
  ['all new', 'start-first', 1, '1v2+ 2v2+ 3v2+', 'settled'],
  ['two of the same: one leaves', 'start-first', 1, '1v2+ 1v2+ 2v2+ 3v2+', 'stop 1v2+'],
  ['a slot too many', 'start-first', 1, '1v2+ 2v2+ 3v2+ 4v1+', 'extra 4v1+'],
  ['it leaves', 'start-first', 1, '1v2+ 2v2+ 3v2+ 4v1x', 'extra 4v1x'],
];

for (const [what, order, parallel, here, expected] of TABLE) {
  test(`${order}, ${parallel} at a time: ${what}`, () => {
    const slots = [1, 2, 3].map((slot) => ({ slot, drone: 'a' }));
    const { start, stop, extra, isSettled } = converge(slots, instances(here), {
      release: 2,
      order,
      parallel,
    });
    const named = (word: string, names: (string | number)[]) =>
      names.length > 0 ? [[word, ...names].join(' ')] : [];
    const said = [
      ...named(
        'start',
        start.map(({ slot }) => slot),
      ),
      ...named(
        'stop',
        stop.map(({ name }) => name),
      ),
      ...named(
        'extra',
        extra.map(({ name }) => name),
      ),
      ...(isSettled ? ['settled'] : []),
    ];
    assert.equal(said.join(', '), expected);
  });
}
