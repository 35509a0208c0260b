/** What a registry answers that has no such endpoint. */
const WITHOUT_ENDPOINT = [400, 401, 403, 404, 405, 501];

/**
 * Returns what to tell of the JSON that `npm audit` has printed, and the status to exit with: 0 if nothing is known against
 * `count` packages, 1 if npm says that it is too much, 2 if the registry could not say.
 */
export function reportOf(printed, status, count) {
  const answer = parsed(printed);
  const { total } = answer?.metadata?.vulnerabilities ?? {};
  if (!Number.isInteger(total)) return { text: failureText(answer, printed), exitCode: 2 };
  const found = Object.values(answer.vulnerabilities).flatMap(linesOf);
  const sum = `found ${total} vulnerabilities in ${count} bundled packages`;
  return { text: [...found, sum].join('\n'), exitCode: status === 0 ? 0 : 1 };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** One for each advisory; what a package has only through another one is said there. */
function linesOf({ name, via }) {
  return via
    .filter((one) => typeof one === 'object')
    .map(({ severity, title, range, url }) => `${severity}: ${name} ${range}: ${title} (${url})`);
}

function failureText(answer, printed) {
  const { summary, detail, code } = answer?.error ?? {};
  const why = answer?.message || summary || detail || code || printed.trim().slice(0, 300) || 'no answer';
  const hint = WITHOUT_ENDPOINT.includes(answer?.statusCode)
    ? '; it may have no audit endpoint: npm run check:bundled -- --registry=URL asks another one'
    : '';
  return `nothing is known of the bundled packages, because the registry could not be asked: ${why}${hint}`;
}
