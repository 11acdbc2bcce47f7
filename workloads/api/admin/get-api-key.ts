import type { AccessStore } from "../../store/access.ts";
import type { Route } from "../route.ts";
import { apiKeyResource, apiKeySchema, keyAt, noKey } from "./api-key-resource.ts";

/** `GET /v1/api-keys/{id}`: all that is known of a key, which is not the key. */
export function getApiKey({ store }: { store: { access: Pick<AccessStore, "key"> } }): Route {
  return {
    method: "GET",
    path: "/v1/api-keys/{id}",
    access: "admin",
    load: "read",
    doc: {
      summary: "Get an API key",
      answers: { 200: { description: "What is known of the key.", body: apiKeySchema } },
      problems: ["api_key_not_found"],
    },
    async handle({ request }) {
      const found = (await store.access.key(keyAt(request.params.id))) ?? noKey();
      return { status: 200, body: apiKeyResource(found) };
    },
  };
}
