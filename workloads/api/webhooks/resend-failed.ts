import { z } from "zod";
import { jsonObjectOf, readBody } from "../body.ts";
import type { Route } from "../route.ts";
import { validated } from "../validated.ts";
import type { WebhookDeps } from "./create-webhook-endpoint.ts";
import { enabledEndpoint } from "./resend-delivery.ts";

const timeError = "a time like 2026-11-24T12:00:00Z";
const request = z
  .strictObject(
    { since: z.iso.datetime({ offset: true, error: timeError }).describe("Deliveries that were made at this time or later.") },
    { error: "a JSON object" },
  )
  .meta({ id: "ResendFailedRequest", example: { since: "2026-11-24T12:00:00Z" } });

const answer = z.strictObject({
  object: z.literal("resend"),
  resent: z.int().min(0),
  next_since: z.iso.datetime().nullable().describe("There may be more since then: ask again with this."),
});

/** `POST /v1/webhook-endpoints/{id}/resend-failed`: everything that was given up since a time, a thousand at once. */
export function resendFailed({ store }: Pick<WebhookDeps, "store">): Route {
  return {
    method: "POST",
    path: "/v1/webhook-endpoints/{id}/resend-failed",
    access: "webhooks:write",
    load: "payment",
    doc: {
      summary: "Resend what failed",
      description:
        "Each event of which the delivery was given up, and that was not delivered since: the oldest first, at most 1000 at once. Asking twice sends nothing twice. Ends a pause of the endpoint.",
      body: request,
      answers: { 202: { description: "How many are under way again.", body: answer } },
      problems: ["webhook_endpoint_not_found", "webhook_endpoint_disabled"],
    },
    async handle({ request: asked, tenant, by }) {
      const { since } = validated(request, jsonObjectOf(await readBody(asked)));
      const { id } = await enabledEndpoint(store.webhooks, tenant, asked.params.id);
      const { resent, next } = await store.webhooks.resendFailed(tenant, id, new Date(since), by);
      return { status: 202, body: { object: "resend", resent, next_since: next?.toISOString() ?? null } };
    },
  };
}
