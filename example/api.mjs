// Everything that the command line does, from a program of your own. With a hub and a drone running, in an app's
// git checkout: FLEET_HUB=localhost:7000 FLEET_SECRET=beepboop node /path/to/example/api.mjs node server.js 8080
import { connect, FleetError } from 'fleet';

const { FLEET_HUB: hub = 'localhost:7000', FLEET_SECRET: secret } = process.env;
const command = process.argv.length > 2 ? process.argv.slice(2) : ['node', 'server.js', '8080'];

try {
  const client = await connect({ hub, secret });

  const { repo, commit, drones } = await client.deploy();
  console.log(`deployed ${repo}/${commit} to ${Object.keys(drones).join(', ') || 'no drone yet'}`);

  const spawned = await client.spawn({ drones: ['*'], command });
  const ids = Object.entries(spawned.drones).map(([drone, { id }]) => `${drone}#${id}`);
  console.log(`spawned ${ids.join(' ')}`);

  for (const [drone, { processes }] of Object.entries(await client.ps())) {
    for (const [id, { status, restarts }] of Object.entries(processes)) {
      console.log(`${drone}#${id} is ${status}, restarted ${restarts} times`);
    }
  }

  // Waits for the first line that one of them prints. Without the `return`, this would go on forever.
  const firstLine = async () => {
    for await (const item of client.logs({ ids, follow: true })) {
      if (item.kind === 'line') return `${item.drone}#${item.id} says: ${item.line}`;
    }
  };
  console.log(await firstLine());

  const report = await client.stop(ids);
  for (const [drone, { stopped }] of Object.entries(report.drones))
    console.log(`${drone} stopped ${stopped.join(' ')}`);
  client.close();
} catch (error) {
  if (!(error instanceof FleetError)) throw error;
  // `code` is one of a fixed list: ECONNECT, EAUTH, ENODRONE, …
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
