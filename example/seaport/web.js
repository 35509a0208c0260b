// A service that takes a port from the registry, and is in it for as long as it runs.
const http = require('node:http');
const seaport = require('seaport');
const { version } = require('./package.json');

const [host, port] = (process.env.REGISTRY ?? '127.0.0.1:9090').split(':');
const ports = seaport.connect(host, Number(port));
const server = http.createServer((_request, response) => response.end(`web ${version}\n`));
server.listen(ports.register('web', { version, commit: process.env.COMMIT }), process.env.HOST);
