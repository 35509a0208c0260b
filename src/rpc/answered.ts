/** An answer with a body; a handler that returns anything else answers with that as the result. */
export class Answered<Result = unknown> {
  constructor(
    readonly result: Result,
    readonly body: Buffer,
  ) {}
}
