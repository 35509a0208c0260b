import type { Client } from '../client/types.ts';
import type { Arguments } from './arguments.ts';
import { note, type Output, type Surroundings } from './io.ts';
import type { Target } from './target.ts';

/** Connects to the hub that the arguments select, and closes the connection when `use` is done or has failed. */
export async function withClient<T>(
  args: Arguments,
  io: Surroundings & Pick<Output, 'stderr'>,
  use: (client: Client, target: Target) => Promise<T>,
): Promise<T> {
  const { resolveTarget } = await import('./target.ts');
  const target = await resolveTarget(args, io);
  const { connect } = await import('../client/client.ts');
  const client = await connect(target);
  try {
    const ends = await client.secretEnds();
    if (ends !== null) note(io, `warning: ${ends}`);
    return await use(client, target);
  } finally {
    client.close();
  }
}
