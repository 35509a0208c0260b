import { restorePackage } from './checkout-package.mjs';

restorePackage();
