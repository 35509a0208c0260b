import type { Command } from './decision.ts';
import type { Errands } from './errands.ts';
import type { Telling } from './telling.ts';

/** Does what was decided, or begins it. */
export function perform(commands: readonly Command[], errands: Errands, telling: Telling): void {
  for (const command of commands) {
    switch (command.do) {
      case 'prepare':
        errands.prepare(command.drone, command.release);
        break;
      case 'run job':
        errands.runJob(command.release);
        break;
      case 'start':
        errands.start(command.release, command.service, command.slot);
        break;
      case 'stop':
        errands.stop(command.instance, command.service);
        break;
      case 'restart':
        if (errands.restart(command.instance, command.service)) telling.restart(command.instance);
        break;
    }
  }
}
