import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Stops a process for so long and wakes it, so often: as one whose CPU is taken away. A shell does it that outlives us: a process that stayed
 * stopped could not notice that its tests are gone.
 */
export async function freeze(
  pid: number,
  { seconds, pauseSeconds = 0, times = 1 }: { seconds: number; pauseSeconds?: number; times?: number },
) {
  const round = `kill -STOP ${pid} || exit 0; sleep ${seconds}; kill -CONT ${pid} || exit 0; sleep ${pauseSeconds}`;
  const shell = spawn("sh", ["-c", `for i in $(seq ${times}); do ${round}; done`], { stdio: "ignore", detached: true });
  await once(shell, "exit");
}
