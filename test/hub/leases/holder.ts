import { Lease } from '../../../src/hub/leases/lease.ts';
import { NatsBucket } from '../../../src/hub/store/nats-bucket.ts';
import { NatsLink } from '../../../src/hub/store/nats-link.ts';

// A process that wants a lease, says when it has it, by the clock that all processes of a machine share, and gives it back
// on SIGTERM. How: holder.ts URL NAME LEASE_MS

const LOOK_EVERY_MS = 10;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function hold(url: string, holder: string, leaseMs: number): Promise<void> {
  const link = await NatsLink.open({ servers: url.split(','), creds: null, name: holder, log: say });
  const bucket = await NatsBucket.open(link, { name: 'fleet_lease', ttlMs: leaseMs });
  const lease = new Lease({ bucket, key: 'app.webapp', holder, log: say, leaseMs });
  lease.on('taken', ({ created, count }) => say(`taken ${created} ${count}`));
  lease.on('lost', () => say('lost'));
  lease.start();
  const looking = setInterval(() => {
    if (lease.fence) say(`held ${process.hrtime.bigint() / 1_000_000n}`);
  }, LOOK_EVERY_MS);
  process.once('SIGTERM', async () => {
    clearInterval(looking);
    await lease.close();
    await link.close();
  });
}

const [url = '', holder = '', leaseMs = ''] = process.argv.slice(2);
void hold(url, holder, Number(leaseMs));
