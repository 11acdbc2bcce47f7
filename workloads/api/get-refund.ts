import { z } from "zod";
import type { FollowUp } from "../payment/follow-up.ts";
import { parsePublicId } from "../payment/id.ts";
import type { Store } from "../store/store.ts";
import { Refusal } from "./problem.ts";
import { refundResource, refundSchema } from "./refund-resource.ts";
import type { Route } from "./route.ts";
import { type Waiting, waitOf } from "./waiting.ts";

export type GetRefundDeps = { readonly store: Pick<Store, "followUp">; readonly waitingForFollowUps: Waiting<FollowUp> };

/** `GET /v1/refunds/{id}`: the refund now, or with `?wait=n` once it has ended. */
export function getRefund({ store, waitingForFollowUps: waiting }: GetRefundDeps): Route {
  return {
    method: "GET",
    path: "/v1/refunds/{id}",
    access: "refunds:read",
    load: "read",
    doc: {
      summary: "Get a refund",
      query: z.strictObject({
        wait: z
          .string()
          .regex(/^\d{1,2}$/)
          .optional(),
      }),
      answers: { 200: { description: "The refund as it is now.", body: refundSchema } },
      problems: ["refund_not_found", "parameter_invalid"],
    },
    async handle({ request, response, tenant }) {
      const seconds = waitOf(request.query.wait);
      const id = parsePublicId("refund", String(request.params.id));
      const found = id?.bucket === tenant.bucket ? await store.followUp(tenant, id.uuid) : undefined;
      if (found?.kind !== "refund")
        throw new Refusal({ code: "refund_not_found", detail: "You have no refund with this id, in this mode. Ids begin with re_." });
      const refund = (seconds > 0 ? await waiting.settled(found, { tenant, seconds, response }) : undefined) ?? found;
      return { status: 200, headers: { "cache-control": "private, no-cache" }, body: refundResource({ ...refund, mode: tenant.mode }) };
    },
  };
}
