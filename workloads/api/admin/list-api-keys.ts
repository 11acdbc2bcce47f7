import type { AccessStore } from "../../store/access.ts";
import { listOf } from "../paging.ts";
import type { Route } from "../route.ts";
import { validated } from "../validated.ts";
import { listAnswer, listOfMerchantQuery } from "./admin-list.ts";
import { apiKeyResource, apiKeySchema } from "./api-key-resource.ts";

/** `GET /v1/api-keys`, newest first, of all merchants or of one. */
export function listApiKeys({ store }: { store: { access: Pick<AccessStore, "keys"> } }): Route {
  return {
    method: "GET",
    path: "/v1/api-keys",
    access: "admin",
    load: "list",
    doc: {
      summary: "List API keys",
      query: listOfMerchantQuery,
      answers: { 200: { description: "Keys, newest first.", body: listOf(apiKeySchema) } },
      problems: ["parameter_invalid", "parameter_unknown", "cursor_invalid", "merchant_not_found"],
    },
    handle({ request }) {
      const query = validated(listOfMerchantQuery, request.query);
      return listAnswer(query, { named: "apiKey", read: store.access.keys, resourceOf: (key) => apiKeyResource(key) });
    },
  };
}
