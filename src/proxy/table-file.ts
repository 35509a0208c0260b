import { join } from 'node:path';
import { messageOf } from '../protocol/errors.ts';
import { parseTraffic } from '../protocol/traffic-words.ts';
import { readJson } from '../system/json-file.ts';
import { replaceCrashSafe } from '../system/write-whole.ts';
import type { Apps } from './table.ts';

/** The last table, for a proxy that starts while the hub is away. It is written without holding up requests. */
export class TableFile {
  private readonly path: string;
  private wanted: Apps | null = null;
  private writing: Promise<void> | null = null;

  constructor(
    dir: string,
    private readonly log: (line: string) => void,
  ) {
    this.path = join(dir, 'endpoints.json');
  }

  /** Returns what was saved last; null if there is nothing that can be used. */
  load(): Apps | null {
    try {
      const given = readJson(this.path);
      return given === undefined ? null : parseTraffic(given);
    } catch (error) {
      this.log(messageOf(error));
      return null;
    }
  }

  save(apps: Apps): void {
    this.wanted = apps;
    this.writing ??= this.write().finally(() => {
      this.writing = null;
    });
  }

  /** Resolves when everything is written. */
  async settled(): Promise<void> {
    await this.writing;
  }

  private async write(): Promise<void> {
    while (this.wanted) {
      const text = `${JSON.stringify(this.wanted)}\n`;
      this.wanted = null;
      try {
        await replaceCrashSafe(this.path, text);
      } catch (error) {
        this.log(`cannot write ${this.path}: ${messageOf(error)}`);
      }
    }
  }
}
