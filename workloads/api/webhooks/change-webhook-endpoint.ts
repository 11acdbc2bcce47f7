import { z } from "zod";
import { jsonObjectOf, readBody } from "../body.ts";
import type { Route } from "../route.ts";
import { validated } from "../validated.ts";
import type { WebhookDeps } from "./create-webhook-endpoint.ts";
import { endpointFields } from "./webhook-endpoint-request.ts";
import { endpointIdOf, noEndpoint, webhookEndpointResource, webhookEndpointSchema } from "./webhook-endpoint-resource.ts";

/** `PATCH /v1/webhook-endpoints/{id}`: another URL, other events, or enabled again. What is not sent stays. */
export function changeWebhookEndpoint({ store, ...rules }: WebhookDeps): Route {
  const request = z
    .strictObject({ ...endpointFields(rules), enabled: z.boolean({ error: "true or false" }) }, { error: "a JSON object" })
    .partial()
    .meta({ id: "WebhookEndpointChange", example: { enabled: true } });
  return {
    method: "PATCH",
    path: "/v1/webhook-endpoints/{id}",
    access: "webhooks:write",
    load: "payment",
    doc: {
      summary: "Change, disable or enable a webhook endpoint",
      description:
        "What is sent from now on goes by it, also what was tried before. To a disabled endpoint nothing is sent; what happens meanwhile is in `GET /v1/events`.",
      body: request,
      answers: { 200: { description: "The endpoint as it is now.", body: webhookEndpointSchema } },
      problems: ["webhook_endpoint_not_found"],
    },
    async handle({ request: asked, tenant, by }) {
      const id = endpointIdOf(asked.params.id, tenant);
      const { url, description, event_types: eventTypes, enabled } = validated(request, jsonObjectOf(await readBody(asked)));
      const changed = (await store.webhooks.changeEndpoint(tenant, id, { url, description, eventTypes, enabled }, by)) ?? noEndpoint();
      return { status: 200, body: webhookEndpointResource(changed) };
    },
  };
}
