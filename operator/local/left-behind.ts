import { isRunning } from "./process-identity.ts";
import type { Run } from "./run-file.ts";

const graceMs = 5_000;

/**
 * Ends what a killed run left behind. Each process ends by itself when its supervisor is gone; this waits for that, and then insists.
 * Only a process that is the very one that was written down is touched: a pid may have been given to somebody else.
 */
export async function endLeftBehind(left: Run["processes"]): Promise<void> {
  const deadline = Date.now() + graceMs;
  while (left.some(isRunning) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  for (const one of left.filter(isRunning)) {
    try {
      process.kill(one.pid, "SIGKILL");
    } catch {} // it ended between the look and the kill
  }
}
