import { z } from "zod";
import { publicId } from "../../payment/id.ts";
import type { Route } from "../route.ts";
import type { WebhookDeps } from "./create-webhook-endpoint.ts";
import { endpointIdOf, noEndpoint } from "./webhook-endpoint-resource.ts";

/** `DELETE /v1/webhook-endpoints/{id}`: nothing is sent there any more, and its deliveries are no longer shown. */
export function deleteWebhookEndpoint({ store }: Pick<WebhookDeps, "store">): Route {
  return {
    method: "DELETE",
    path: "/v1/webhook-endpoints/{id}",
    access: "webhooks:write",
    load: "payment",
    doc: {
      summary: "Delete a webhook endpoint",
      description: "Nothing is sent there any more, and its deliveries are no longer shown. To keep them, disable it.",
      answers: { 200: { description: "It was deleted.", body: deletedSchema } },
      problems: ["webhook_endpoint_not_found"],
    },
    async handle({ request, tenant, by }) {
      const id = endpointIdOf(request.params.id, tenant);
      if (!(await store.webhooks.deleteEndpoint(tenant, id, by))) noEndpoint();
      return { status: 200, body: { id: publicId("webhookEndpoint", tenant.bucket, id), object: "webhook_endpoint", deleted: true } };
    },
  };
}

const deletedSchema = z.strictObject({ id: z.string(), object: z.literal("webhook_endpoint"), deleted: z.literal(true) });
