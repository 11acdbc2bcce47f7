import type { Event } from "../payment/event.ts";
import type { ClaimedDelivery, Told } from "../store/webhooks.ts";
import type { Lanes } from "./lanes.ts";
import type { Poster } from "./post.ts";
import { type Message, signedHeaders } from "./signed-headers.ts";
import { type Retrying, toldOf } from "./told-of.ts";

export type DeliverDeps = Retrying & {
  readonly poster: Pick<Poster, "post">;
  readonly lanes: Lanes;
  /** How an event is sent. The same for the same event, however often it is asked. */
  readonly messageOf: (event: Event) => Message;
};

/**
 * Makes one try at a claimed delivery and says what is to be written of it. A receiver may get an event twice, after a crash or when his
 * answer was lost: the `webhook-id` is the same then, and by that he knows.
 */
export async function deliver(claimed: ClaimedDelivery, deps: DeliverDeps): Promise<Told> {
  const { endpoint, merchantId, event } = claimed;
  if (!endpoint) return { ...unsent, state: "declined", delaySeconds: 0, reason: "the endpoint was disabled or deleted" };
  const place = deps.lanes.enter({ merchantId, endpointId: endpoint.id, failures: endpoint.failures });
  if ("waitSeconds" in place) {
    return { ...unsent, state: "queued", delaySeconds: place.waitSeconds, reason: "other deliveries to this endpoint are under way" };
  }

  const start = performance.now();
  let told: Told | undefined;
  try {
    const message = deps.messageOf(event);
    const version = { "satang-event-version": String(endpoint.eventVersion) };
    const headers = { ...constant, ...version, ...signedHeaders(message, endpoint.secrets, new Date()) };
    const heard = await deps.poster.post({ url: endpoint.url, headers, body: message.body });
    told = toldOf(claimed, heard, performance.now() - start, deps);
    return told;
  } finally {
    place.leave(told?.endpoint.is === "well");
  }
}

const unsent = { attempt: undefined, endpoint: { is: "as before" } } as const;
const constant = { "content-type": "application/json", "user-agent": "Satang-Webhooks/1" };
