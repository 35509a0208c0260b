import { buildClean } from './build.mjs';
import { publishPackage } from './checkout-package.mjs';

await buildClean();
publishPackage();
