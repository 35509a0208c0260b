import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** A file of the program, and what V8 has made of it. */
export interface Compiled {
  text: Buffer;
  code: Buffer;
}

/** What was kept of an earlier run, by the names of files. */
export type KeptCode = ReadonlyMap<string, Compiled>;

interface Loaded {
  exports: unknown;
  text: Buffer;
  script: Script;
}

type Body = (exports: unknown, require: (id: string) => unknown, module: Loaded, dir: string) => void;

const HEAD = Buffer.from('(function (exports, require, module, __dirname) {');
const TAIL = Buffer.from('\n})');

/**
 * The CommonJS files below a folder, each loaded when it is first required. Node does this, too. But what it keeps of its
 * compiler's work was made before anything has run, and without the functions that run, which are most of the work.
 */
export class CompiledFiles {
  private readonly files = new Map<string, Loaded>();

  /** `requireOther` loads what is not a file of the program: parts of node. */
  constructor(
    private readonly folder: string,
    private readonly requireOther: (id: string) => unknown,
    private readonly kept: KeptCode,
  ) {}

  /** Returns what a file exports; its name is relative to the folder. */
  load(name: string): unknown {
    const loaded = this.files.get(name);
    if (loaded) return loaded.exports;
    const text = readFileSync(join(this.folder, name));
    const script = this.compile(name, text);
    const file: Loaded = { exports: {}, text, script };
    this.files.set(name, file);
    const body = script.runInThisContext() as Body;
    const beside = dirname(name);
    const require = (id: string) =>
      id.startsWith('.') ? this.load(join(beside, id)) : this.requireOther(id);
    body(file.exports, require, file, join(this.folder, beside));
    return file.exports;
  }

  /** Returns true if V8 had to compile a whole file. */
  get hasCompiled(): boolean {
    return [...this.files.values()].some(({ script }) => isCompiled(script));
  }

  /** Returns what was kept, and what was compiled, with all of its functions that have run. */
  compiled(): KeptCode {
    // V8 takes what was kept only with the options that were set then.
    setFlagsFromString('--sparkplug');
    const files = [...this.files].filter(([, { script }]) => isCompiled(script));
    const fresh = files.map(
      ([name, { text, script }]) => [name, { text, code: script.createCachedData() }] as const,
    );
    // The first file names others by their content: if it is another one, nothing of before is of use.
    const [[, first] = []] = this.files;
    return new Map(first && isCompiled(first.script) ? fresh : [...this.kept, ...fresh]);
  }

  /** What was kept counts for exactly the text that it was made of: V8 itself compares their lengths only. */
  private compile(name: string, text: Buffer): Script {
    const kept = this.kept.get(name);
    // As one string: it is large, and what is made of it in between would have to be collected.
    const script = new Script(Buffer.concat([HEAD, text, TAIL]).toString(), {
      filename: join(this.folder, name),
      ...(kept?.text.equals(text) ? { cachedData: kept.code } : {}),
    });
    // V8 keeps nothing of a function that it has made machine code of, as it does of those that run most.
    if (isCompiled(script)) setFlagsFromString('--no-sparkplug');
    return script;
  }
}

/** Returns true if V8 had to compile all of it. */
const isCompiled = ({ cachedDataRejected }: Script) => cachedDataRejected !== false;
