import { z } from "zod";
import { eventTypes } from "../payment/settlement.ts";
import { listEvents as read } from "../store/list-events.ts";
import { eventResource, eventSchema } from "./event-resource.ts";
import { freshness, wishOf } from "./freshness.ts";
import { hashedJson } from "./hashed.ts";
import type { ReadingDeps } from "./list-payments.ts";
import { listOf, ofPayment, pageQuery, paging, paymentIdAsked } from "./paging.ts";
import type { Route } from "./route.ts";
import { validated } from "./validated.ts";

const query = z.strictObject({
  type: z.enum(eventTypes, { error: `one of ${eventTypes.join(", ")}` }).optional(),
  payment: ofPayment,
  ...pageQuery,
});

/** `GET /v1/events`: what became true, newest first. */
export function listEvents({ readers }: ReadingDeps): Route {
  return {
    method: "GET",
    path: "/v1/events",
    access: "events:read",
    load: "list",
    doc: {
      summary: "List events",
      query,
      answers: { 200: { description: "A page of events, newest first.", body: listOf(eventSchema) }, 304: { description: "You have it." } },
      problems: ["parameter_invalid", "cursor_invalid", "consistency_token_invalid", "replica_behind", "readers_busy", "read_too_slow"],
    },
    async handle({ request, tenant }) {
      const { type, payment, ...rest } = validated(query, request.query);
      const { place, answer } = paging({ ...rest, ...{ type, payment } }, { list: "events", tenant });
      return readers.read(wishOf(request, { tenant, size: "small" }), async (tx) => {
        const page = await read(tx, tenant, { type, paymentId: paymentIdAsked(payment, tenant) }, place);
        return hashedJson(request, answer(page, eventResource), freshness(tx.asOf));
      });
    },
  };
}
