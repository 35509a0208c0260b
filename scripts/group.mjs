import { basename, dirname, relative } from 'node:path/posix';

// A file costs node half a millisecond to find, read and compile, and a command would need twenty of them. So chunks
// that are mostly read together stand in one file, as functions; one is run when it is first asked for.

/** As esbuild writes it; nothing else in the code requires a path. */
const REQUIRE = /require\("(\.{1,2}\/[^"]+\.js)"\)/g;

const LOADER = `'use strict';
const loaded={};
function load(id){let module=loaded[id];if(!module){module=loaded[id]={exports:{}};files[id](module,module.exports)}return module.exports}
module.exports=load;
`;

/**
 * Puts files together. `files` is a map of CommonJS code by path, `groups` one of lists of such paths by the path of
 * the new file. Gives all files after that: in place of each member stands one line that asks its group for it.
 */
export function group(files, groups) {
  const groupOf = new Map([...groups].flatMap(([name, members]) => members.map((file) => [file, name])));
  /** The code that gives `file` to code that stands in `from`. */
  const ask = (from, file) => {
    const name = groupOf.get(file);
    if (name === undefined) return requireCode(from, file);
    return `${name === from ? 'load' : requireCode(from, name)}(${idOf(file)})`;
  };
  const result = new Map();
  for (const [file, code] of files) {
    const stays = (from) => code.replace(REQUIRE, (_, path) => ask(from, resolve(file, path)));
    if (groupOf.has(file)) result.set(file, `module.exports=${ask(file, file)};\n`);
    else result.set(file, stays(file));
  }
  for (const [name, members] of groups) {
    const functions = members.map((file) => {
      const code = files.get(file).replace(REQUIRE, (_, path) => ask(name, resolve(file, path)));
      return `${idOf(file)}(module,exports){${code}\n}`;
    });
    result.set(name, `${LOADER}const files={${functions.join(',\n')}};\n`);
  }
  return result;
}

const idOf = (file) => JSON.stringify(basename(file, '.js'));

const resolve = (from, path) => relative('.', `${dirname(from)}/${path}`);

function requireCode(from, to) {
  const path = relative(dirname(from), to);
  return `require("${path.startsWith('.') ? path : `./${path}`}")`;
}
