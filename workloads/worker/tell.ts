import { eventResource } from "../api/event-resource.ts";
import type { Event } from "../payment/event.ts";
import { publicId } from "../payment/id.ts";
import type { OperationRef } from "../payment/operation.ts";
import type { ClaimedDelivery, Told, WebhookStore } from "../store/webhooks.ts";
import { type DeliverDeps, deliver } from "../webhook/deliver.ts";
import type { Message } from "../webhook/signed-headers.ts";
import { persistently } from "./persistently.ts";

export type TellDeps = Omit<DeliverDeps, "messageOf"> & {
  readonly store: Pick<WebhookStore, "claim" | "record">;
  readonly onWritten: (claimed: ClaimedDelivery, told: Told) => void;
  /** Another worker has it by now: nothing was written. */
  readonly onLeaseLost: (claimed: ClaimedDelivery) => void;
  readonly leaseSeconds: number;
  /** The longest that a try may take. */
  readonly timeoutSeconds: number;
};

/** Makes one try at one delivery and records what came of it. Whoever dies on the way has told the receiver once more at worst. */
export async function tell(ref: OperationRef, deps: TellDeps): Promise<void> {
  const { store, leaseSeconds, timeoutSeconds } = deps;
  const start = performance.now();
  const claimed = await store.claim(ref);
  if (!claimed) return; // another holds it, it is done, or its endpoint is left alone for a while

  const leaseEnds = start + leaseSeconds * 1000;
  if (leaseEnds - performance.now() < timeoutSeconds * 1000) return; // we were stopped since: the call could outlive the lease

  const told = await deliver(claimed, { ...deps, messageOf });
  const written = await persistently(() => store.record(claimed, told), leaseEnds);
  if (written) deps.onWritten(claimed, told);
  else deps.onLeaseLost(claimed);
}

/** An event is sent as the API shows it. */
const messageOf = (event: Event): Message => ({
  id: publicId("event", event.bucket, event.id),
  body: JSON.stringify(eventResource(event)),
});
