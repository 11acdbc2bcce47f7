import { z } from "zod";
import { parsePublicId, publicId } from "../../payment/id.ts";
import { eventTypes } from "../../payment/settlement.ts";
import type { Tenant } from "../../store/store.ts";
import type { WebhookEndpoint } from "../../store/webhooks.ts";
import { Refusal } from "../problem.ts";

/** What `webhookEndpointResource` makes. */
export const webhookEndpointSchema = z
  .strictObject({
    id: z.string().regex(/^we_[0-9a-z]{29}$/),
    object: z.literal("webhook_endpoint"),
    url: z.string(),
    description: z.string().nullable(),
    event_types: z.array(z.enum(eventTypes)).nullable().describe("null: every event."),
    event_version: z.int().describe("What events look like that are sent there. It is kept when a newer one comes."),
    status: z.enum(["enabled", "disabled"]),
    disabled_reason: z
      .enum(["asked", "gone", "failing"])
      .nullable()
      .describe("asked: by you. gone: the receiver answered 410. failing: every try failed for three days."),
    disabled_at: z.iso.datetime().nullable(),
    failing_since: z.iso.datetime().nullable().describe("Every try since then has failed."),
    mode: z.enum(["test", "live"]),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: "WebhookEndpoint" });

/** With its secret: shown when it is made, and when its secret is rotated. */
export const webhookEndpointWithSecretSchema = webhookEndpointSchema
  .extend({
    secret: z
      .string()
      .describe(
        "What signatures are made with, as libraries of Standard Webhooks take it. It is shown this once, and cannot be found out later.",
      ),
  })
  .meta({ id: "WebhookEndpointWithSecret" });

/** An endpoint as its merchant sees it. */
export function webhookEndpointResource(endpoint: WebhookEndpoint): z.output<typeof webhookEndpointSchema> {
  const { bucket, url, description, eventTypes: types, eventVersion, disabled, failingSince, mode } = endpoint;
  return {
    id: publicId("webhookEndpoint", bucket, endpoint.id),
    object: "webhook_endpoint",
    url,
    description,
    event_types: types && [...types],
    event_version: eventVersion,
    status: disabled ? "disabled" : "enabled",
    disabled_reason: disabled?.reason ?? null,
    disabled_at: disabled?.at.toISOString() ?? null,
    failing_since: failingSince?.toISOString() ?? null,
    mode,
    created_at: endpoint.createdAt.toISOString(),
    updated_at: endpoint.updatedAt.toISOString(),
  };
}

/** The endpoint's UUID. Refuses what cannot be one of this merchant's. */
export function endpointIdOf(id: unknown, { bucket }: Tenant): string {
  const found = typeof id === "string" ? parsePublicId("webhookEndpoint", id) : undefined;
  return found?.bucket === bucket ? found.uuid : noEndpoint();
}

export function noEndpoint(): never {
  throw new Refusal({
    code: "webhook_endpoint_not_found",
    detail: "You have no webhook endpoint with this id, in this mode. Ids begin with we_.",
  });
}
