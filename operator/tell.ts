import { isDeepStrictEqual } from "node:util";
import type { PaymentSystemStatus } from "../crds/status.ts";
import type { EventRecorder } from "./kube/event-recorder.ts";
import type { Kube } from "./kube/kube.ts";
import { fieldManager } from "./labels.ts";
import { newsOf } from "./status/news.ts";
import { type Found, statusIn } from "./system.ts";

/** Writes a status, if it says anything new, and tells people what that is. */
export async function tell(
  found: Found,
  status: PaymentSystemStatus,
  { kube, events }: { kube: Kube; events: EventRecorder },
): Promise<void> {
  const before = statusIn(found);
  const after = JSON.parse(JSON.stringify(status)) as PaymentSystemStatus;
  if (isDeepStrictEqual(before, after)) return;
  const { name, namespace } = found.metadata;
  const { apiVersion, kind } = found;
  const intent = { apiVersion, kind, metadata: { name, namespace }, status: after };
  await kube.apply(intent, { fieldManager: fieldManager.status, subresource: "status", force: true });
  for (const news of newsOf(before, after)) events.record(found, news);
}
