#!/usr/bin/env node
if (!require('node:fs').existsSync(`${__dirname}/../dist`)) {
  console.error('fleet: this checkout is not built yet; run: npm run build');
  process.exit(1);
}
require('../dist/cli/main.js');
