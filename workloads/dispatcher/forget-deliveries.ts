import { type Loop, loop } from "../queue/loop.ts";
import type { WebhookStore } from "../store/webhooks.ts";
import type { Log } from "../telemetry/log.ts";

const pauseMs = 60_000;
const breathMs = 1_000; // between one part and the next: nobody waits for this

/** Forgets, bit by bit, deliveries that were done with 30 days ago. */
export function forgetting({ webhooks, log }: { webhooks: Pick<WebhookStore, "forgetOld">; log: Log }): Pick<Loop, "stop"> {
  return loop({
    step: async () => ((await webhooks.forgetOld()) > 0 ? breathMs : pauseMs),
    pauseOnErrorMs: pauseMs,
    onError: (error) => log.warn({ err: error }, "could not forget old deliveries; trying again"),
  });
}
