import type { AccessStore } from "../../store/access.ts";
import type { Route } from "../route.ts";
import { apiKeyResource, apiKeySchema, keyAt, noKey } from "./api-key-resource.ts";

/** `DELETE /v1/api-keys/{id}`: the key is refused everywhere within five seconds, for ever. Doing it again changes nothing. */
export function revokeApiKey({ store }: { store: { access: Pick<AccessStore, "revokeKey"> } }): Route {
  return {
    method: "DELETE",
    path: "/v1/api-keys/{id}",
    access: "admin",
    load: "payment",
    doc: {
      summary: "Revoke an API key",
      description: "It is refused everywhere within five seconds, for ever. Doing it again changes nothing.",
      answers: { 200: { description: "The key, revoked.", body: apiKeySchema } },
      problems: ["api_key_not_found"],
    },
    async handle({ request, by }) {
      const revoked = (await store.access.revokeKey(keyAt(request.params.id), by)) ?? noKey();
      return { status: 200, body: apiKeyResource(revoked) };
    },
  };
}
