// The smallest thing worth deploying: node server.js [PORT], else on the PORT that fleet gives to an instance.
const { createServer } = require('node:http');

const VERSION = 'webapp version 1';
const { REPO, COMMIT, HOST, PORT = 8080 } = process.env;

const server = createServer((_request, response) => {
  response.setHeader('Content-Type', 'text/plain');
  response.end(`${VERSION} (${REPO}/${COMMIT})\n`);
});

server.listen(Number(process.argv[2] ?? PORT), HOST, () => {
  console.log(`${VERSION} listening on port ${server.address().port}`);
});

// Requests that are under way are answered first.
process.on('SIGTERM', () => server.close());
