import type { Told } from "../store/webhooks.ts";

/**
 * `failed`: to be tried again. `given_up`: after the last try. `gone`: the receiver wants no more. `waiting`: not sent, for others to the same
 * receiver are under way. `dropped`: not sent, for the endpoint is no more.
 */
export type DeliveryOutcome = "delivered" | "failed" | "given_up" | "gone" | "waiting" | "dropped";

/** What came of a delivery, for the metric. */
export function deliveryOutcome({ state, attempt, endpoint }: Told): DeliveryOutcome {
  switch (state) {
    case "succeeded":
      return "delivered";
    case "queued":
      return attempt ? "failed" : "waiting";
    case "declined":
      if (endpoint.is === "gone") return "gone";
      return attempt ? "given_up" : "dropped";
  }
}
