import { z } from "zod";
import type { AccessStore } from "../../store/access.ts";
import { jsonObjectOf, readBody } from "../body.ts";
import { Refusal } from "../problem.ts";
import type { Route } from "../route.ts";
import { validated } from "../validated.ts";
import { apiKeyResource, keyAt, newApiKeySchema, newSecret, noKey } from "./api-key-resource.ts";

const maxOverlapHours = 7 * 24;
const overlapError = `whole hours from 0 to ${maxOverlapHours}`;
const request = z
  .strictObject(
    {
      overlap_hours: z
        .int({ error: overlapError })
        .min(0, { error: overlapError })
        .max(maxOverlapHours, { error: overlapError })
        .default(24)
        .describe("For how long the old key goes on."),
    },
    { error: "a JSON object" },
  )
  .meta({ id: "RollApiKey", example: { overlap_hours: 24 } });

/** `POST /v1/api-keys/{id}/roll`: a key that may what the old one may, which ends after the overlap. */
export function rollApiKey({ store }: { store: { access: Pick<AccessStore, "key" | "rollKey"> } }): Route {
  return {
    method: "POST",
    path: "/v1/api-keys/{id}/roll",
    access: "admin",
    load: "payment",
    doc: {
      summary: "Roll an API key",
      description: "Makes a key with the same name, scopes and lifetime. Both work during the overlap; then the old one has expired.",
      body: request,
      answers: { 201: { description: "The new key, shown this once.", body: newApiKeySchema } },
      problems: ["api_key_not_found", "api_key_not_active"],
    },
    async handle({ request: asked, by }) {
      const { overlap_hours: overlapHours } = validated(request, jsonObjectOf(await readBody(asked)));
      const old = (await store.access.key(keyAt(asked.params.id))) ?? noKey();
      const { secret, ...kept } = newSecret(old.scopes ? "rk" : "sk", old.mode);
      const key = await store.access.rollKey(old, { ...kept, overlapHours }, by);
      if (!key) throw notActive;
      const body = { ...apiKeyResource(key), secret };
      return { status: 201, headers: { location: `/v1/api-keys/${body.id}` }, body };
    },
  };
}

const notActive = new Refusal({
  code: "api_key_not_active",
  detail: "This key expired, was revoked or was rolled before. Roll the key that replaced it, or make a new one.",
});
