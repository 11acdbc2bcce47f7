import type { ClaimedDelivery, Told } from "../store/webhooks.ts";
import type { Heard } from "./post.ts";

export type Retrying = {
  /** Seconds before each further try; after the last the delivery is given up. */
  readonly schedule: readonly number[];
  /** In [0, 1). */
  readonly random: () => number;
};

/** A receiver may ask for time, but not for ever: a mistaken header must not put its merchant's news off for days. */
export const longestWaitSeconds = 3_600;

/** The one table from what was heard of a try to what follows: 2xx is delivered, 410 is gone, everything else is tried again on the schedule. */
export function toldOf({ tries }: ClaimedDelivery, heard: Heard, durationMs: number, { schedule, random }: Retrying): Told {
  const attempt = { statusCode: null, answer: null, error: null, durationMs: Math.round(durationMs) };
  if (heard.kind === "no answer") return again({ reason: heard.reason, waitSeconds: 0 });
  const { statusCode, answer } = heard;
  if (statusCode >= 200 && statusCode < 300)
    return { ...done, state: "succeeded", reason: null, attempt: { ...attempt, statusCode, answer }, endpoint: { is: "well" } };
  if (statusCode === 410) {
    const reason = "it answered 410: the endpoint is disabled";
    return { ...done, state: "declined", reason, attempt: { ...attempt, statusCode, answer, error: reason }, endpoint: { is: "gone" } };
  }
  const redirect = statusCode >= 300 && statusCode < 400 ? ", and redirects are not followed: set the URL to where it leads" : "";
  const waitSeconds = Math.min(heard.retryAfterSeconds ?? 0, longestWaitSeconds);
  return again({ reason: `it answered ${statusCode}${redirect}`, statusCode, answer, waitSeconds });

  function again({ reason, waitSeconds, ...told }: { reason: string; waitSeconds: number; statusCode?: number; answer?: string }): Told {
    const next = schedule[tries];
    return {
      state: next === undefined ? "declined" : "queued",
      // up to a fifth later, so that what failed together does not come back together
      delaySeconds: Math.max(waitSeconds, (next ?? 0) * (1 + random() / 5)),
      reason,
      attempt: { ...attempt, ...told, error: reason },
      endpoint: { is: "failing", waitSeconds },
    };
  }
}

const done = { delaySeconds: 0 };
