import { z } from "zod";
import type { AccessStore } from "../../store/access.ts";
import { jsonObjectOf, readBody } from "../body.ts";
import type { Route } from "../route.ts";
import { text } from "../text.ts";
import { validated } from "../validated.ts";
import { merchantAt, merchantResource, merchantSchema, noMerchant } from "./merchant-resource.ts";

const request = z
  .strictObject({ name: text(200).optional(), disabled: z.boolean({ error: "true or false" }).optional() }, { error: "a JSON object" })
  .meta({ id: "MerchantChange", example: { disabled: true } });

/** `PATCH /v1/merchants/{id}`: another name, or none of his keys is taken any more (or is again), everywhere within five seconds. */
export function changeMerchant({ store }: { store: { access: Pick<AccessStore, "changeMerchant"> } }): Route {
  return {
    method: "PATCH",
    path: "/v1/merchants/{id}",
    access: "admin",
    load: "payment",
    doc: {
      summary: "Rename, disable or enable a merchant",
      description: "While a merchant is disabled, its keys are refused everywhere within five seconds. What was accepted before goes on.",
      body: request,
      answers: { 200: { description: "The merchant as it is now.", body: merchantSchema } },
      problems: ["merchant_not_found"],
    },
    async handle({ request: asked, by }) {
      const change = validated(request, jsonObjectOf(await readBody(asked)));
      const changed = (await store.access.changeMerchant(merchantAt(asked.params.id), change, by)) ?? noMerchant();
      return { status: 200, body: merchantResource(changed) };
    },
  };
}
