import type { ProcessReport, ProcessSpec } from '../../protocol/process.ts';

/** True if the process is to have a port of the drone's, and has none yet. */
export function wantsPort({ instance, port }: ProcessSpec): boolean {
  return instance ? instance.served && instance.port === null : port === 'auto';
}

/** Returns the process with this port. */
export function withPort(spec: ProcessSpec, port: number): ProcessSpec {
  const { instance } = spec;
  return instance ? { ...spec, instance: { ...instance, port } } : { ...spec, port };
}

/** Returns the port that a process has; null if it has none. */
export function portOf({
  instance,
  port,
}: Pick<ProcessReport | ProcessSpec, 'instance' | 'port'>): number | null {
  if (instance) return instance.port;
  return typeof port === 'number' ? port : null;
}
