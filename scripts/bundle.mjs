import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { flatExports } from './flat-exports.mjs';
import { ROOT } from './paths.mjs';

/** What several client commands need. */
const OF_CLIENTS = [
  ...[
    'absent',
    'app-options',
    'connect',
    'drone-words',
    'ending',
    'env-file',
    'exit-text',
    'ids',
    'options',
    'printer',
  ],
  ...[
    'ps-text',
    'quantity',
    'release-number',
    'remote-command',
    'screen',
    'selection',
    'stable',
    'target',
    'trust',
  ],
];
const CLIENT = new RegExp(
  `/src/(client/|cli/(${OF_CLIENTS.join('|')})\\.ts$|git/(checkout-info|tracked)\\.ts$)`,
);

const START = { 'cli/start': 'src/cli/start.ts' };
const ENTRIES = {
  api: 'src/index.ts',
  legacy: 'src/legacy.ts',
  'cli/main': 'src/cli/main.ts',
};

/**
 * Which modules share a file. Each file costs Node half a millisecond to find, read and compile, and each 100 kB two more,
 * so what every command loads is one file, what nearly every client command loads is another, the parser with its package is
 * a third, and each command that people type all day has its own.
 */
const GROUPS = [
  { name: 'always', tags: ['$initial'], priority: 3 },
  { name: 'client', test: CLIENT, priority: 2 },
  { name: 'stop', test: /\/src\/cli\/commands\/stop\.ts$/, priority: 1 },
  { name: 'parser', test: /\/src\/cli\/parse\.ts$|\/commander\//, priority: 1 },
  { name: 'commands', test: /\/src\/cli\/commands\/(?!(?:ps|spawn|stop|exec|logs|deploy|up|status)\.ts)/ },
];

/** Optional packages that ws, dnode and debug try to load, and can do without; `jsonify` is for runtimes without JSON. */
const absent = {
  name: 'absent',
  resolveId: {
    filter: { id: /^(bufferutil|utf-8-validate|weak|supports-color|jsonify)$/ },
    handler: (id) => `\0absent:${id}`,
  },
  load: {
    filter: { id: /^\0absent:/ },
    handler: (id) => `throw new Error('${id.slice('\0absent:'.length)} is not part of this bundle');`,
  },
};

/** The client's end of a websocket needs nothing of ws but this: not its server, nor its streams. */
const half = {
  name: 'half',
  resolveId: {
    filter: { id: /^ws$/ },
    handler: (_, importer) => (importer?.endsWith('/src/rpc/stream-socket.ts') ? '\0half:ws' : null),
  },
  load: {
    filter: { id: /^\0half:ws$/ },
    handler: () =>
      `export { default as WebSocket } from ${JSON.stringify(join(ROOT, 'node_modules/ws/lib/websocket.js'))};`,
  },
};

/** Fleet offers no compression of messages, and takes none: of what does that, ws needs the name. */
const uncompressed = {
  name: 'uncompressed',
  resolveId: {
    filter: { id: /^\.\/permessage-deflate$/ },
    handler: (_, importer) => (/\/node_modules\/ws\//.test(importer ?? '') ? '\0uncompressed' : null),
  },
  load: {
    filter: { id: /^\0uncompressed$/ },
    handler: () => "module.exports = { extensionName: 'permessage-deflate' };",
  },
};

/** The proxy needs undici's connections to one server, and nothing that is made of them. */
const POOL = 'node_modules/undici/lib/dispatcher/pool.js';
const pool = {
  name: 'pool',
  resolveId: { filter: { id: /^undici$/ }, handler: () => '\0pool' },
  load: {
    filter: { id: /^\0pool$/ },
    handler: () => `export { default as Pool } from ${JSON.stringify(join(ROOT, POOL))};`,
  },
};

/** An older interface of acme-client, made of node-forge, which it loads at its start and fleet does not use. */
const newer = {
  name: 'newer',
  resolveId: {
    filter: { id: /^\.\/crypto\/forge$/ },
    handler: (_, importer) => (/\/node_modules\/acme-client\//.test(importer ?? '') ? '\0newer' : null),
  },
  load: { filter: { id: /^\0newer$/ }, handler: () => 'module.exports = {};' },
};

/**
 * What packages get for a part of Node that they load at the start and most commands never use. ws asks whether http has
 * functions for masks, which no release of Node has yet; and it takes functions of crypto apart at once.
 */
const LATE_IN_PACKAGES = {
  child_process: "require('child_process')[key]",
  crypto: "(...args) => require('crypto')[key](...args)",
  http: "/^websocket/.test(key) ? undefined : require('http')[key]",
  https: "require('https')[key]",
  tls: "require('tls')[key]",
  zlib: "require('zlib')[key]",
};

/** The parts of Node that fleet's own files load when they first use them. Node itself has loaded the others. */
const LATE = [
  ...[
    'child_process',
    'crypto',
    'fs/promises',
    'http',
    'https',
    'net',
    'os',
    'perf_hooks',
    'readline',
    'stream',
  ],
  ...['stream/consumers', 'stream/promises', 'string_decoder', 'timers/promises', 'tls', 'v8', 'zlib'],
];

/** Loads parts of Node when they are first used, and not with the files that mention them. */
const late = {
  name: 'late',
  resolveId: {
    filter: { id: new RegExp(`^(node:)?(${Object.keys(LATE_IN_PACKAGES).join('|')})$`) },
    handler: (id, importer) =>
      /\/node_modules\/(ws|commander)\//.test(importer ?? '') ? `\0late:${id.replace('node:', '')}` : null,
  },
  load: {
    filter: { id: /^\0late:/ },
    handler: (id) =>
      `module.exports = new Proxy({}, { get: (_, key) => ${LATE_IN_PACKAGES[id.slice('\0late:'.length)]} });`,
  },
  renderChunk: (code) => {
    const loads = new RegExp(`(node_[\\w$]+) = require\\("(node:(?:${LATE.join('|')}))"\\)`, 'g');
    // What is passed on as a whole, as for a default import in a package, is not waited for.
    const changed = code.replace(loads, (whole, name, id) =>
      code.includes(`(${name})`) || code.includes(`(${name}, 1)`)
        ? whole
        : `${name} = late(() => require("${id}"))`,
    );
    if (changed === code) return null;
    const own = 'const late = (load, all) => new Proxy({}, { get: (_, key) => (all ??= load())[key] });';
    return { code: `${own}\n${changed}`, map: null };
  },
};

/**
 * Bundles fleet and all its packages into CommonJS files below `dir`. The name of a chunk is a hash of its content.
 * Returns the files, relative to `dir`, and their sources.
 */
export async function bundle(dir) {
  // What loads the other files shares nothing with them.
  const output = [
    ...(await built(START, {})),
    ...(await built(ENTRIES, { codeSplitting: { groups: GROUPS } })),
  ];
  for (const { fileName, code } of output) await writeWhole(join(dir, fileName), ascii(code));
  return {
    files: output.map(({ fileName }) => fileName),
    sources: output.flatMap(({ modules }) => Object.keys(modules).map((path) => relative(ROOT, path))),
  };
}

async function built(input, options) {
  const build = await rolldown({
    cwd: ROOT,
    input,
    platform: 'node',
    // The CommonJS builds of packages require each other; one of each is enough.
    resolve: { mainFields: ['main', 'module'] },
    transform: { target: 'node20' },
    plugins: [absent, half, uncompressed, pool, newer, late, flatExports],
    preserveEntrySignatures: 'allow-extension',
    checks: { ineffectiveDynamicImport: false },
  });
  const { output } = await build.generate({
    // Node starts ES modules 10 ms later; and `import()` loads a CommonJS file through their slower loader.
    format: 'cjs',
    exports: 'named',
    dynamicImportInCjs: false,
    chunkFileNames: 'chunks/[name]-[hash].js',
    comments: false,
    // Names and lines are kept, because node shows the line of an uncaught error.
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: false } },
    ...options,
  });
  await build.close();
  return output;
}

/** Has all other characters written as escapes: V8 takes two bytes for each character of a file that has one of them. */
function ascii(code) {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Writes a file so that readers see either the old or the new one, never half of it. */
export async function writeWhole(path, text) {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await rm(temporary, { force: true });
  await writeFile(temporary, text, { flag: 'wx' });
  await rename(temporary, path);
}
