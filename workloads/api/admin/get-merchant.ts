import type { AccessStore } from "../../store/access.ts";
import type { Route } from "../route.ts";
import { merchantAt, merchantResource, merchantSchema, noMerchant } from "./merchant-resource.ts";

/** `GET /v1/merchants/{id}`. */
export function getMerchant({ store }: { store: { access: Pick<AccessStore, "merchant"> } }): Route {
  return {
    method: "GET",
    path: "/v1/merchants/{id}",
    access: "admin",
    load: "read",
    doc: {
      summary: "Get a merchant",
      answers: { 200: { description: "The merchant.", body: merchantSchema } },
      problems: ["merchant_not_found"],
    },
    async handle({ request }) {
      const found = (await store.access.merchant(merchantAt(request.params.id))) ?? noMerchant();
      return { status: 200, body: merchantResource(found) };
    },
  };
}
