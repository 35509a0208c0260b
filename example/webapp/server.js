// The smallest thing worth deploying: node server.js PORT
const { createServer } = require('node:http');

const VERSION = 'webapp version 1';
const { REPO, COMMIT, HOST } = process.env;

const server = createServer((_request, response) => {
  response.setHeader('Content-Type', 'text/plain');
  response.end(`${VERSION} (${REPO}/${COMMIT})\n`);
});

server.listen(Number(process.argv[2] ?? 8080), HOST, () => {
  console.log(`${VERSION} listening on port ${server.address().port}`);
});
