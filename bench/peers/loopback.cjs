// Loaded before a peer that would listen on all addresses: here it listens on loopback.
const { Server } = require('node:net');

const { listen } = Server.prototype;
Server.prototype.listen = function (port, ...rest) {
  const all = /^\d+$/.test(String(port)) && typeof rest[0] !== 'string';
  return all ? listen.call(this, Number(port), '127.0.0.1', ...rest) : listen.call(this, port, ...rest);
};
