// The registry: services tell it where they are, and the proxy asks it.
const seaport = require('seaport');

seaport.createServer().listen(process.env.REGISTRY_PORT ?? 9090, process.env.HOST);
