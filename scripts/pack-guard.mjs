import { setTimeout as sleep } from 'node:timers/promises';
import { restorePackage } from './checkout-package.mjs';

// Outlives a pack that was cut off, and puts package.json back once the npm that packs (its pid is given) is gone.

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

while (isAlive(Number(process.argv[2]))) await sleep(100);
restorePackage();
