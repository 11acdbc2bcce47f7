import { z } from "zod";
import { newSecret, shownSecret } from "../../webhook/secret.ts";
import { jsonObjectOf, readBody } from "../body.ts";
import type { Route } from "../route.ts";
import { validated } from "../validated.ts";
import type { WebhookDeps } from "./create-webhook-endpoint.ts";
import { endpointIdOf, noEndpoint, webhookEndpointResource, webhookEndpointWithSecretSchema } from "./webhook-endpoint-resource.ts";

const maxOverlapHours = 168;
const hoursError = `whole hours from 0 to ${maxOverlapHours}`;
const request = z
  .strictObject(
    {
      overlap_hours: z
        .int({ error: hoursError })
        .min(0, { error: hoursError })
        .max(maxOverlapHours, { error: hoursError })
        .default(24)
        .describe("For so long the secret before this one signs too, and either signature is right."),
    },
    { error: "a JSON object" },
  )
  .meta({ id: "SecretRotation", example: { overlap_hours: 24 } });

const rotatedSchema = webhookEndpointWithSecretSchema
  .extend({ previous_secret_expires_at: z.iso.datetime().nullable().describe("Until then the secret before this one signs too.") })
  .meta({ id: "RotatedWebhookEndpoint" });

/** `POST /v1/webhook-endpoints/{id}/rotate-secret`: a new secret, shown this once; the old one signs beside it for a while. */
export function rotateWebhookSecret({ store }: Pick<WebhookDeps, "store">): Route {
  return {
    method: "POST",
    path: "/v1/webhook-endpoints/{id}/rotate-secret",
    access: "webhooks:write",
    load: "payment",
    doc: {
      summary: "Rotate the secret of a webhook endpoint",
      description:
        "The new secret is in the answer, and never shown again. What is sent carries a signature by each of the two until the overlap ends; a secret from before these two signs no more.",
      body: request,
      answers: { 200: { description: "The endpoint, with its new secret.", body: rotatedSchema } },
      problems: ["webhook_endpoint_not_found"],
    },
    async handle({ request: asked, tenant, by }) {
      const id = endpointIdOf(asked.params.id, tenant);
      const { overlap_hours: overlapHours } = validated(request, jsonObjectOf(await readBody(asked)));
      const secret = newSecret();
      const rotated = (await store.webhooks.rotateSecret(tenant, id, { secret, overlapHours }, by)) ?? noEndpoint();
      const expiry = { previous_secret_expires_at: rotated.previousExpiresAt?.toISOString() ?? null };
      return { status: 200, body: { ...webhookEndpointResource(rotated.endpoint), secret: shownSecret(secret), ...expiry } };
    },
  };
}
