import { Agent, createServer } from 'node:http';
import { ProxyServer } from 'httpxy';

// A proxy that is httpxy and nothing else, with connections that stay: `node httpxy.mjs PORT` prints its own port.

const agent = new Agent({ keepAlive: true });
const target = { protocol: 'http:', hostname: '127.0.0.1', port: Number(process.argv[2]) };
const proxy = new ProxyServer();
proxy.on('error', (_error, _request, response) => response.destroy());
const server = createServer((request, response) => void proxy.web(request, response, { target, agent }));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
