/** A process that was spawned by hand. */
export const SPEC = {
  id: '1e99f4',
  key: '0'.repeat(32),
  repo: 'webapp',
  commit: 'c'.repeat(40),
  command: ['x'],
  env: {},
};
