import { join } from 'node:path';
import { cacheFileOf, keep, readKept } from './code-cache.ts';
import { CompiledFiles } from './compiled-files.ts';
import type * as Main from './main.ts';

/** These start seldom, and keep no more in memory than they need. */
const DAEMONS = ['hub', 'drone', 'proxy'];

// Everything that is imported here is part of this file, the only one that node itself compiles for each command.
const [, , command = 'help'] = process.argv;
const isCached = /^[a-z]+$/.test(command) && !DAEMONS.includes(command);
const cache = isCached ? cacheFileOf(command, process.env) : null;
if (cache === null) (require(join(__dirname, 'main.js')) as typeof Main).main(() => {});
else {
  const files = new CompiledFiles(join(__dirname, '..'), require, readKept(cache));
  (files.load('cli/main.js') as typeof Main).main(() => {
    if (files.hasCompiled) keep(cache, files.compiled());
  });
}
