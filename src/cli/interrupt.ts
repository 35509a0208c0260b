import type { Execution } from '../client/types.ts';
import type { OwnProcess } from './io.ts';

/** How long to wait for the signal to reach the process before this command ends anyway. */
const SIGNAL_WAIT_MS = 500;

/** On Ctrl-C, sends SIGINT to the processes. One that ignores it is ended when the connection is closed. */
export function endOnInterrupt(
  exec: Pick<Execution, 'kill'>,
  io: Pick<OwnProcess, 'onSignal' | 'dieOf'>,
): void {
  const die = () => io.dieOf('SIGINT');
  let asked = false;
  io.onSignal('SIGINT', () => {
    if (asked) return die();
    asked = true;
    setTimeout(die, SIGNAL_WAIT_MS);
    exec.kill('SIGINT').then(die, die);
  });
}
