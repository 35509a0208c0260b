import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildClean } from './build.mjs';
import { publishPackage } from './checkout-package.mjs';

/** The npm that has started this, be it through a shell; null where `ps` cannot tell. */
function npmAbove(pid) {
  try {
    const row = execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' });
    const [, parent, name] = /(\d+)\s+(.*\S)/.exec(row);
    return /(^|[/-])(ba|da|k|z)?sh$/.test(name) ? npmAbove(parent) : pid;
  } catch {
    return null;
  }
}

await buildClean();
const npm = npmAbove(process.ppid);
publishPackage();
if (npm !== null) {
  // npm runs no postpack where packing fails or is cut off; then this one puts package.json back.
  const guard = fileURLToPath(new URL('./pack-guard.mjs', import.meta.url));
  spawn(process.execPath, [guard, String(npm)], { detached: true, stdio: 'ignore' }).unref();
}
