import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { parseReference } from "../payment/reference.ts";
import type { EventReader } from "../provider/provider.ts";
import type { ProviderEventStore } from "../store/provider-events.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { readBody } from "./body.ts";
import type { Answer } from "./endpoint.ts";
import { Refusal } from "./problem.ts";
import type { Route } from "./route.ts";

export type TakeProviderEventDeps = {
  readonly store: { readonly providerEvents: Pick<ProviderEventStore, "record"> };
  /** By the provider's name. */
  readonly eventReaders: ReadonlyMap<string, EventReader>;
  readonly metrics: Pick<Metrics, "providerEvents">;
};

/**
 * `POST /v1/provider-events/{provider}`: a provider tells that something happened. Nothing that it says is believed: the operation that it
 * names is looked up at the provider by a worker, and written as after every look-up.
 */
export function takeProviderEvent(deps: TakeProviderEventDeps): Route {
  return {
    method: "POST",
    path: "/v1/provider-events/{provider}",
    access: "public",
    load: "event",
    doc: {
      summary: "Take a provider's event",
      description: "For providers, who sign what they send. What they tell of is asked of them again.",
      body: z.looseObject({}).describe("As the provider has it."),
      answers: { 200: { description: "It is kept. A repeat changes nothing.", body: z.strictObject({ received: z.literal(true) }) } },
      problems: ["provider_not_found", "provider_event_invalid"],
    },
    handle: ({ request }) => take(request, String(request.params.provider), deps),
  };
}

async function take(request: IncomingMessage, provider: string, { store, eventReaders, metrics }: TakeProviderEventDeps): Promise<Answer> {
  const read = eventReaders.get(provider);
  if (!read) {
    const detail = "No provider of this name sends events here. Its name and its secret are given to the API in PROVIDER_EVENT_SECRETS.";
    throw new Refusal({ code: "provider_not_found", detail });
  }

  const event = read(await readBody(request), request.headers);
  if (!event) {
    metrics.providerEvents.inc({ provider, result: "forged" });
    const detail = "It is not signed with this provider's secret, or its time is more than five minutes off.";
    throw new Refusal({ code: "provider_event_invalid", detail });
  }
  const operation = event.reference === null ? undefined : parseReference(event.reference);
  const result = await store.providerEvents.record({ ...event, provider, operation });
  metrics.providerEvents.inc({ provider, result });
  return { status: 200, body: { received: true } };
}
