import { environmentOf, workingDirectoryOf } from '../../../system/procfs.ts';
import { checkMark } from '../environment.ts';
import type { ProcessHook, Start } from './hook.ts';

/** Remembers what instances were started with, for their checks. */
export class Starts {
  readonly hook: ProcessHook = {
    beforeStart: ({ id, instance }, { cwd, env }) => {
      if (instance) this.known.set(id, { cwd, env });
      return {};
    },
    afterStop: ({ id }) => {
      this.known.delete(id);
    },
  };
  private readonly known = new Map<string, Pick<Start, 'cwd' | 'env'>>();

  /** `mark`: see `markOf`. */
  constructor(private readonly mark: string) {}

  /**
   * Returns where a command runs that checks an instance, and its environment: the instance's, but for the mark, because
   * a check that outlives its drone is not the instance. For one that a previous drone has started, the system says it.
   */
  forCheck(id: string, pid: number): Pick<Start, 'cwd' | 'env'> {
    const { cwd, env } = this.known.get(id) ?? {
      cwd: workingDirectoryOf(pid) ?? '/',
      env: environmentOf(pid),
    };
    return { cwd, env: { ...env, ...checkMark(this.mark, id) } };
  }
}
