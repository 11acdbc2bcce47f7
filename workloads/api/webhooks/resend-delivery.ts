import { z } from "zod";
import { parsePublicId, publicId } from "../../payment/id.ts";
import type { Tenant } from "../../store/store.ts";
import type { WebhookStore } from "../../store/webhooks.ts";
import { Refusal } from "../problem.ts";
import type { Route } from "../route.ts";
import type { WebhookDeps } from "./create-webhook-endpoint.ts";
import { endpointIdOf, noEndpoint } from "./webhook-endpoint-resource.ts";

/** `POST /v1/webhook-endpoints/{id}/deliveries/{delivery}/resend`: the same event again, under the same `webhook-id`. */
export function resendDelivery({ store }: Pick<WebhookDeps, "store">): Route {
  return {
    method: "POST",
    path: "/v1/webhook-endpoints/{id}/deliveries/{delivery}/resend",
    access: "webhooks:write",
    load: "payment",
    doc: {
      summary: "Resend a delivery",
      description:
        "The same event again, under the same `webhook-id`, as a new delivery with all its tries. One of this event that waits for its next try is sent at once instead. Ends a pause of the endpoint.",
      answers: { 202: { description: "The delivery that is under way now.", body: resentSchema } },
      problems: ["webhook_endpoint_not_found", "delivery_not_found", "webhook_endpoint_disabled"],
    },
    async handle({ request, tenant, by }) {
      const { id: endpoint } = await enabledEndpoint(store.webhooks, tenant, request.params.id);
      const delivery = parsePublicId("delivery", String(request.params.delivery));
      const made = delivery?.bucket === tenant.bucket ? await store.webhooks.resend(tenant, endpoint, delivery.uuid, by) : undefined;
      const detail = "This endpoint had no delivery with this id in the last 30 days. Ids begin with dlv_.";
      if (made === undefined) throw new Refusal({ code: "delivery_not_found", detail });
      return { status: 202, body: { id: publicId("delivery", tenant.bucket, made), object: "delivery", status: "pending" } };
    },
  };
}

const resentSchema = z.strictObject({ id: z.string(), object: z.literal("delivery"), status: z.literal("pending") });

/** An endpoint to which something may be sent. */
export async function enabledEndpoint(webhooks: Pick<WebhookStore, "endpoint">, tenant: Tenant, id: unknown) {
  const endpoint = (await webhooks.endpoint(tenant, endpointIdOf(id, tenant))) ?? noEndpoint();
  if (!endpoint.disabled) return endpoint;
  throw new Refusal({ code: "webhook_endpoint_disabled", detail: "Nothing is sent to a disabled endpoint. Enable it, then resend." });
}
