import { z } from "zod";
import { listDeliveries as read } from "../../store/list-deliveries.ts";
import { freshness, wishOf } from "../freshness.ts";
import { hashedJson } from "../hashed.ts";
import type { ReadingDeps } from "../list-payments.ts";
import { listOf, pageQuery, paging } from "../paging.ts";
import type { Route } from "../route.ts";
import { validated } from "../validated.ts";
import type { WebhookDeps } from "./create-webhook-endpoint.ts";
import { deliveryResource, deliverySchema, deliveryStatuses, statesOf } from "./delivery-resource.ts";
import { endpointIdOf, noEndpoint } from "./webhook-endpoint-resource.ts";

const query = z.strictObject({
  status: z.enum(deliveryStatuses, { error: `one of ${deliveryStatuses.join(", ")}` }).optional(),
  ...pageQuery,
});

/** `GET /v1/webhook-endpoints/{id}/deliveries`: what was sent there and what came of it, newest first, of the last 30 days. */
export function listDeliveries({ store, readers }: Pick<WebhookDeps, "store"> & ReadingDeps): Route {
  return {
    method: "GET",
    path: "/v1/webhook-endpoints/{id}/deliveries",
    access: "webhooks:read",
    load: "list",
    doc: {
      summary: "List deliveries",
      description: "What was sent to an endpoint, with every try and its answer, newest first. What is done with is kept for 30 days.",
      query,
      answers: {
        200: { description: "A page of deliveries, newest first.", body: listOf(deliverySchema) },
        304: { description: "You have it." },
      },
      problems: [
        "webhook_endpoint_not_found",
        "cursor_invalid",
        "consistency_token_invalid",
        "replica_behind",
        "readers_busy",
        "read_too_slow",
      ],
    },
    async handle({ request, tenant }) {
      const id = endpointIdOf(request.params.id, tenant);
      const { status, ...rest } = validated(query, request.query);
      const { place, answer } = paging({ ...rest, ...{ status } }, { list: `deliveries ${id}`, tenant });
      if (!(await store.webhooks.endpoint(tenant, id))) noEndpoint();
      return readers.read(wishOf(request, { tenant, size: "small" }), async (tx) => {
        const page = await read(tx, tenant, id, { states: status && statesOf[status] }, place);
        return hashedJson(request, answer(page, deliveryResource), freshness(tx.asOf));
      });
    },
  };
}
