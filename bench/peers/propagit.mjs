import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Running } from '../../test/fixtures/running.ts';
import { run } from '../command.mjs';
import { plainEnvironment, SECRET } from '../fleet.mjs';
import { freePort } from '../ports.mjs';
import { installPeer } from './install.mjs';

const LOOPBACK = fileURLToPath(new URL('loopback.cjs', import.meta.url));
/** The native `weak` of 2012 does not compile on this node. Without it dnode keeps all callbacks, and works otherwise. */
const WEAK = 'module.exports = (held) => held;\nmodule.exports.get = (held) => held;\n';

/** The engine of the original fleet: a hub and drones, driven as its own command line drives them. */
export class Propagit {
  /** Returns null if it cannot be installed, or does not run on this node. */
  static async start(stage, { drones }) {
    const dir = await installPeer(stage, 'propagit', '0.6.4');
    if (!dir) return null;
    writeFileSync(join(dir, '../weak/lib/weak.js'), WEAK);
    const propagit = new Propagit();
    propagit.argv = [process.execPath, join(dir, 'bin/cli.js')];
    propagit.env = plainEnvironment({ NODE_OPTIONS: `--require=${LOOPBACK}` });
    propagit.daemons = [];
    stage.later(() => Promise.all(propagit.daemons.map((daemon) => daemon.end())));
    try {
      await propagit.startAll(stage.place('propagit'), drones);
      return propagit;
    } catch (error) {
      stage.say(`propagit does not run here, so it is not in this table: ${error.message.slice(0, 300)}`);
      return null;
    }
  }

  async startAll(dir, drones) {
    const [port, gport] = [await freePort(), await freePort()];
    this.access = [`--hub=127.0.0.1:${port}`, `--secret=${SECRET}`];
    this.url = `http://git:${SECRET}@127.0.0.1:${gport}/app.git`;
    await this.daemon(
      join(dir, 'hub'),
      ['hub', `--port=${port}`, `--gport=${gport}`, `--secret=${SECRET}`],
      /git service/,
    );
    const starts = Array.from({ length: drones }, (_, at) =>
      this.daemon(join(dir, `drone${at}`), ['drone', ...this.access], /connected to the hub/),
    );
    await Promise.all(starts);
  }

  async daemon(cwd, args, ready) {
    mkdirSync(cwd, { recursive: true });
    const daemon = Running.start([...this.argv, ...args], { cwd, env: this.env });
    this.daemons.push(daemon);
    await daemon.printed(ready);
  }

  /** As `fleet deploy` of 2012 did: push, then tell the hub. */
  async deploy(app, commit) {
    await run(['git', 'push', '-q', this.url, `${commit}:refs/heads/master`], { cwd: app, env: this.env });
    await run([...this.argv, 'deploy', 'app', commit, ...this.access], { cwd: app, env: this.env });
  }
}
