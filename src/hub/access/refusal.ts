/** Why a request is refused: an HTTP status, one line that says what to do, and headers that go with it. */
export interface Refusal {
  status: 401 | 403 | 404 | 405 | 429;
  message: string;
  headers?: Record<string, string>;
}

export function isRefusal(outcome: object | Refusal): outcome is Refusal {
  return 'status' in outcome && 'message' in outcome;
}
