import { type ServerResponse, STATUS_CODES } from 'node:http';

/** Answers a request by a plain page that names nothing of what is behind the proxy. If an answer has begun, it is cut. */
export function refuse(response: ServerResponse, status: number): void {
  if (response.headersSent) return void response.destroy();
  const text = `${status} ${STATUS_CODES[status]}\n`;
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  // An instance may have begun to answer by a reason of its own.
  response.writeHead(status, STATUS_CODES[status], {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
  });
  response.end(text);
}

/** Has a client ask elsewhere, in the same way, from now on. */
export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { Location: location, 'Content-Length': 0 });
  response.end();
}

/** Answers with the page of an app in maintenance: a text, or HTML if it begins with `<`. */
export function showPage(response: ServerResponse, page: string): void {
  const type = page.trimStart().startsWith('<') ? 'text/html' : 'text/plain';
  response.writeHead(503, {
    'Content-Type': `${type}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(page),
    'Cache-Control': 'no-store',
  });
  response.end(page);
}

/** Answers a challenge of an authority that issues certificates (RFC 8555, 8.3). */
export function showAnswer(response: ServerResponse, answer: string): void {
  response.writeHead(200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': Buffer.byteLength(answer),
    'Cache-Control': 'no-store',
  });
  response.end(answer);
}
