import { commonEnv } from "../../../workloads/telemetry/env.ts";
import { run } from "../../../workloads/telemetry/lifecycle.ts";

// A process like each of ours, for lifecycle.test.ts. What it is told on stdin happens to it; at the end it closes `second`, slowly, then `first`.
await run({ role: "worker", schema: commonEnv, env: process.env }, async ({ log, onStop, ready }) => {
  ready("patience", () => undefined);
  onStop("first", () => log.info("closed first"));
  onStop("second", () => new Promise<void>((resolve) => setTimeout(resolve, 500)).then(() => log.info("closed second")));
  process.stdin.on("data", (told) => {
    if (String(told) === "reject") void Promise.reject(new Error("nobody waits for me"));
    if (String(told) === "throw") throw new Error("nobody catches me");
  });
});
