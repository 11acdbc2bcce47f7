import { z } from "zod";
import type { MerchantStore } from "../../store/merchant-store.ts";
import { maxEndpoints } from "../../store/webhooks.ts";
import { newSecret, shownSecret } from "../../webhook/secret.ts";
import { jsonObjectOf, readBody } from "../body.ts";
import { Refusal } from "../problem.ts";
import type { Route } from "../route.ts";
import { validated } from "../validated.ts";
import { type EndpointRules, endpointFields } from "./webhook-endpoint-request.ts";
import { webhookEndpointResource, webhookEndpointWithSecretSchema } from "./webhook-endpoint-resource.ts";

export type WebhookDeps = { readonly store: Pick<MerchantStore, "webhooks"> } & EndpointRules;

/** `POST /v1/webhook-endpoints`: events are sent there from the next on. Its secret is shown this once. */
export function createWebhookEndpoint({ store, ...rules }: WebhookDeps): Route {
  const { url, description, event_types } = endpointFields(rules);
  const request = z
    .strictObject({ url, description: description.optional(), event_types: event_types.optional() }, { error: "a JSON object" })
    .meta({ id: "NewWebhookEndpointRequest", example: { url: "https://shop.example.com/webhooks", event_types: ["payment.succeeded"] } });
  return {
    method: "POST",
    path: "/v1/webhook-endpoints",
    access: "webhooks:write",
    load: "payment",
    doc: {
      summary: "Create a webhook endpoint",
      description:
        "Events are sent there as `GET /v1/events/{id}` shows them, signed as Standard Webhooks says, from the next event on. The secret is in the answer, and never shown again.",
      body: request,
      answers: { 201: { description: "The endpoint, with its secret.", body: webhookEndpointWithSecretSchema } },
      problems: ["webhook_endpoint_limit"],
    },
    async handle({ request: asked, tenant, by }) {
      const sent = validated(request, jsonObjectOf(await readBody(asked)));
      const fields = { url: sent.url, description: sent.description ?? null, eventTypes: sent.event_types ?? null };
      const secret = newSecret();
      const made = (await store.webhooks.createEndpoint(tenant, fields, secret, by)) ?? tooMany();
      const body = { ...webhookEndpointResource(made), secret: shownSecret(secret) };
      return { status: 201, headers: { location: `/v1/webhook-endpoints/${body.id}` }, body };
    },
  };
}

function tooMany(): never {
  const detail = `You have ${maxEndpoints} webhook endpoints in this mode already. Delete one, or let one receive what two do.`;
  throw new Refusal({ code: "webhook_endpoint_limit", detail });
}
