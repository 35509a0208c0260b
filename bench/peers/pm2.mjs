import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../command.mjs';
import { plainEnvironment } from '../fleet.mjs';
import { installPeer } from './install.mjs';

const VERSION = '7.0.4';

/** PM2 with its own daemon in the row's directory. */
export class Pm2 {
  /** Returns null if it cannot be installed. */
  static async start(stage) {
    const dir = await installPeer(stage, 'pm2', VERSION);
    if (!dir) return null;
    const pm2 = new Pm2();
    pm2.cwd = stage.place('pm2');
    pm2.argv = [process.execPath, join(dir, 'bin/pm2')];
    pm2.env = plainEnvironment({ PM2_HOME: join(pm2.cwd, 'home'), PM2_DISABLE_VERSION_CHECK: 'true' });
    stage.later(() => pm2.run('kill'));
    await pm2.run('ping');
    return pm2;
  }

  get daemonPid() {
    return Number(readFileSync(join(this.cwd, 'home/pm2.pid'), 'utf8'));
  }

  run(...args) {
    return run([...this.argv, ...args], { cwd: this.cwd, env: this.env });
  }

  /** Starts a shell script `copies` times, with one command. */
  startScript(name, script, copies) {
    const app = { name, script: '/bin/sh', args: ['-c', script], interpreter: 'none', exec_mode: 'fork' };
    const file = join(this.cwd, `${name}.json`);
    writeFileSync(file, JSON.stringify({ apps: [{ ...app, instances: copies }] }));
    return this.run('start', file);
  }

  /** Starts an http server in cluster mode, which `reload` replaces one by one. Its port is any that is free. */
  startCluster(name, server, copies) {
    const script = join(this.cwd, `${name}.js`);
    writeFileSync(script, server);
    const file = join(this.cwd, `${name}.json`);
    const app = { name, script, exec_mode: 'cluster', instances: copies, env: { PORT: 0 } };
    writeFileSync(file, JSON.stringify({ apps: [app] }));
    return this.run('start', file);
  }
}
