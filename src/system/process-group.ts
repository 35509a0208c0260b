/** Kills all processes of a group, if any is left. `leader`: the pid of the process that began it. */
export function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch {
    // None is left.
  }
}
