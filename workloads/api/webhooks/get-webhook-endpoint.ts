import type { Route } from "../route.ts";
import type { WebhookDeps } from "./create-webhook-endpoint.ts";
import { endpointIdOf, noEndpoint, webhookEndpointResource, webhookEndpointSchema } from "./webhook-endpoint-resource.ts";

/** `GET /v1/webhook-endpoints/{id}`. */
export function getWebhookEndpoint({ store }: Pick<WebhookDeps, "store">): Route {
  return {
    method: "GET",
    path: "/v1/webhook-endpoints/{id}",
    access: "webhooks:read",
    load: "read",
    doc: {
      summary: "Get a webhook endpoint",
      answers: { 200: { description: "The endpoint, without its secret.", body: webhookEndpointSchema } },
      problems: ["webhook_endpoint_not_found"],
    },
    async handle({ request, tenant }) {
      const found = (await store.webhooks.endpoint(tenant, endpointIdOf(request.params.id, tenant))) ?? noEndpoint();
      return { status: 200, body: webhookEndpointResource(found) };
    },
  };
}
