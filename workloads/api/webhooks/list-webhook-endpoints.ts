import { listOf } from "../paging.ts";
import type { Route } from "../route.ts";
import type { WebhookDeps } from "./create-webhook-endpoint.ts";
import { webhookEndpointResource, webhookEndpointSchema } from "./webhook-endpoint-resource.ts";

/** `GET /v1/webhook-endpoints`: all of them, newest first; there are never more than one page. */
export function listWebhookEndpoints({ store }: Pick<WebhookDeps, "store">): Route {
  return {
    method: "GET",
    path: "/v1/webhook-endpoints",
    access: "webhooks:read",
    load: "list",
    doc: {
      summary: "List webhook endpoints",
      answers: { 200: { description: "All endpoints, newest first, on one page.", body: listOf(webhookEndpointSchema) } },
      problems: [],
    },
    async handle({ tenant }) {
      const data = (await store.webhooks.endpoints(tenant)).map(webhookEndpointResource);
      return { status: 200, body: { object: "list", data, has_more: false, next_cursor: null } };
    },
  };
}
