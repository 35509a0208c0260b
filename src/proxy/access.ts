/** A request and how it was answered. */
export interface Access {
  /** When it came. */
  time: string;
  client: string;
  method: string;
  proto: string;
  host: string | null;
  /** Path and query. */
  path: string;
  /** 499 if the client has gone before it was answered. */
  status: number;
  /** Until the answer was complete, in seconds. */
  duration: number;
  /** Of the answer, with its headers. */
  bytes: number;
  app: string | null;
  service: string | null;
  drone: string | null;
  /** Of the instance that answered. */
  id: string | null;
  /** How many instances it was sent to, or could not be sent to. */
  tries: number;
  /** Why the instance that was tried last, or before the one that answered, did not answer; null if none failed. */
  error: string | null;
}
