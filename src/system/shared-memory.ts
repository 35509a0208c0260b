/** A file system in memory that Linux has everywhere, the same for all processes of a machine: shm_overview(7). */
export const SHARED_MEMORY = '/dev/shm';
