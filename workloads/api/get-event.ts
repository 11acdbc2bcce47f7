import { parsePublicId } from "../payment/id.ts";
import { eventById } from "../store/list-events.ts";
import { eventResource, eventSchema } from "./event-resource.ts";
import { freshness, wishOf } from "./freshness.ts";
import { hashedJson } from "./hashed.ts";
import type { ReadingDeps } from "./list-payments.ts";
import { Refusal } from "./problem.ts";
import type { Route } from "./route.ts";

/** `GET /v1/events/{id}`. An event never changes. */
export function getEvent({ readers }: ReadingDeps): Route {
  return {
    method: "GET",
    path: "/v1/events/{id}",
    access: "events:read",
    load: "read",
    doc: {
      summary: "Get an event",
      answers: { 200: { description: "The event.", body: eventSchema }, 304: { description: "You have it." } },
      problems: ["event_not_found", "consistency_token_invalid", "replica_behind", "readers_busy"],
    },
    async handle({ request, tenant }) {
      const id = parsePublicId("event", String(request.params.id));
      return readers.read(wishOf(request, { tenant, size: "small" }), async (tx) => {
        const event = id?.bucket === tenant.bucket ? await eventById(tx, tenant, id.uuid) : undefined;
        if (event) return hashedJson(request, eventResource(event), freshness(tx.asOf));
        const detail = "You have no event with this id, in this mode. Ids begin with evt_.";
        throw new Refusal({ code: "event_not_found", detail }, { headers: freshness(tx.asOf) });
      });
    },
  };
}
