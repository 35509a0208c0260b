import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FleetError, messageOf } from '../../protocol/errors.ts';
import type { LastExit, ProcessReport, ProcessSpec } from '../../protocol/process.ts';
import * as s from '../../protocol/words.ts';
import { makeDirectory, writeJson } from '../../system/json-file.ts';
import type { Run } from './process-table.ts';

/** What `run/ID.json` holds: what the drone promised to keep running, and what runs of it now. */
export interface RunState {
  spec: ProcessSpec;
  /** Null while it does not run, or where it started a moment ago and the drone was killed right then. */
  run: Run | null;
  restarts: number;
  /** Ends in a row without ten minutes of health between them. */
  failures: number;
  lastExit: LastExit | null;
  /** Somebody has asked to stop it: a drone that is killed in the middle of that goes on with it. */
  stopping: boolean;
}

const schema = v.strictObject({
  spec: v.strictObject({
    id: s.id,
    key: s.key,
    repo: s.name,
    commit: s.commit,
    command: s.command,
    env: s.env,
    labels: v.exactOptional(s.labels),
  }),
  run: v.nullable(v.strictObject({ pid: s.count, started: s.count, boot: v.string() })),
  restarts: s.count,
  failures: s.count,
  lastExit: s.lastExit,
  stopping: v.boolean(),
});

/** What a new promise begins with. */
export function freshState(spec: ProcessSpec): RunState {
  return { spec, run: null, restarts: 0, failures: 0, lastExit: null, stopping: false };
}

/** What the hub is told of a process; the two times are by performance.now. */
export function reportOf(
  { spec, run, restarts, lastExit }: RunState,
  { startedAt, respawnAt }: { startedAt: number; respawnAt: number },
  now = performance.now(),
): ProcessReport {
  const { env, ...told } = spec;
  return {
    ...told,
    status: run ? 'running' : 'respawning',
    restarts,
    lastExit,
    uptime: run ? Math.round(now - startedAt) : 0,
    respawnIn: run ? 0 : Math.max(0, Math.round(respawnAt - now)),
    pid: run?.pid ?? null,
  };
}

/** The folder `run/` of a drone: one file for each process. */
export class RunStates {
  private readonly folder: string;

  /** EIO where the folder cannot be made. */
  constructor(dir: string) {
    this.folder = join(dir, 'run');
    makeDirectory(this.folder);
  }

  /** All that were promised. A file that is broken is put aside as `ID.json.broken`, and told of; the rest go on. */
  load(problem: (line: string) => void): RunState[] {
    return readdirSync(this.folder).flatMap((file) => {
      if (file.endsWith('.tmp')) rmSync(join(this.folder, file), { force: true });
      if (!/^[0-9a-f]{6}\.json$/.test(file)) return [];
      const path = join(this.folder, file);
      try {
        return [v.parse(schema, JSON.parse(readFileSync(path, 'utf8')))];
      } catch (error) {
        renameSync(path, `${path}.broken`);
        problem(
          `the process ${file.slice(0, 6)} is lost: ${path} is broken (${messageOf(error)}); kept as ${file}.broken`,
        );
        return [];
      }
    });
  }

  /** Promises: what is written here survives the machine. EIO. */
  promise(state: RunState): void {
    writeJson(this.pathOf(state), state);
  }

  /**
   * Notes a change. Not synced to the disk: a power cut ends the process too, and with a drone that is killed the
   * system still writes it. EIO.
   */
  note(state: RunState): void {
    const path = this.pathOf(state);
    const temporary = `${path}.tmp`;
    try {
      writeFileSync(temporary, JSON.stringify(state), { mode: 0o600 });
      renameSync(temporary, path);
    } catch (cause) {
      rmSync(temporary, { force: true });
      throw new FleetError('EIO', `cannot write ${path}: ${messageOf(cause)}`, { cause });
    }
  }

  forget(state: RunState): void {
    rmSync(this.pathOf(state), { force: true });
  }

  private pathOf({ spec }: RunState): string {
    return join(this.folder, `${spec.id}.json`);
  }
}
