// Sends SHARE percent of the requests to the newest version that is registered, and the others to what ran before.
const bouncy = require('bouncy');
const seaport = require('seaport');

const share = Number(process.env.SHARE ?? 10);
const [host, port] = (process.env.REGISTRY ?? '127.0.0.1:9090').split(':');
const ports = seaport.connect(host, Number(port));

bouncy((_request, response, bounce) => {
  const services = ports.query('web');
  const newest = services
    .map(({ version }) => version)
    .sort(byNumbers)
    .at(-1);
  const fresh = services.filter(({ version }) => version === newest);
  const before = services.filter(({ version }) => version !== newest);
  const some = before.length === 0 || Math.random() * 100 < share ? fresh : before;
  if (some.length > 0) return bounce(some[Math.floor(Math.random() * some.length)]);
  response.statusCode = 503;
  response.end('nobody is registered as web\n');
}).listen(process.env.PROXY_PORT ?? 8080, process.env.HOST);

function byNumbers(one, other) {
  return one.localeCompare(other, 'en', { numeric: true });
}
