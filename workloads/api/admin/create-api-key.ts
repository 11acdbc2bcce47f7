import { z } from "zod";
import type { Mode } from "../../payment/payment.ts";
import type { AccessStore } from "../../store/access.ts";
import { jsonObjectOf, readBody } from "../body.ts";
import { type Route, scopes } from "../route.ts";
import { text } from "../text.ts";
import { validated } from "../validated.ts";
import { apiKeyResource, newApiKeySchema, newSecret } from "./api-key-resource.ts";
import { merchantAt, noMerchant } from "./merchant-resource.ts";

const scopesError = `a list of ${scopes.join(", ")}, each once`;
const timeError = "a time to come, like 2030-01-01T00:00:00Z";
const request = z
  .strictObject(
    {
      merchant: z.string({ error: "an id that begins with mer_" }),
      name: text(200).nullish().describe("For people: where the key is used."),
      scopes: z
        .array(z.enum(scopes, { error: scopesError }), { error: scopesError })
        .min(1, { error: scopesError })
        .max(scopes.length, { error: scopesError })
        .refine((all) => new Set(all).size === all.length, { error: scopesError })
        .nullish()
        .describe("Makes a restricted key (rk_), which may do this and nothing else."),
      expires_at: z.iso.datetime({ error: timeError, offset: true }).nullish(),
    },
    { error: "a JSON object" },
  )
  .meta({ id: "NewApiKeyRequest", example: { merchant: `mer_${"0".repeat(29)}`, name: "web shop", scopes: ["payments:write"] } });

export type CreateApiKeyDeps = { store: { access: Pick<AccessStore, "createKey"> }; mode: Mode };

/** `POST /v1/api-keys`: a key of this API's mode, shown this once. Without scopes it is a secret key, which may everything. */
export function createApiKey({ store, mode }: CreateApiKeyDeps): Route {
  return {
    method: "POST",
    path: "/v1/api-keys",
    access: "admin",
    load: "payment",
    doc: {
      summary: "Make an API key",
      description: "The key is in the answer as `secret`, and never shown again: only its hash is kept.",
      body: request,
      answers: { 201: { description: "The key, shown this once.", body: newApiKeySchema } },
      problems: ["merchant_not_found"],
    },
    async handle({ request: asked, by }) {
      const sent = validated(request, jsonObjectOf(await readBody(asked)));
      const { bucket, id: merchantId } = merchantAt(sent.merchant);
      const { secret, ...kept } = newSecret(sent.scopes ? "rk" : "sk", mode);
      const rights = {
        name: sent.name ?? null,
        scopes: sent.scopes ?? null,
        expiresAt: sent.expires_at ? new Date(sent.expires_at) : null,
      };
      const key = (await store.access.createKey({ bucket, merchantId, mode, ...kept, ...rights }, by)) ?? noMerchant();
      const body = { ...apiKeyResource(key), secret };
      return { status: 201, headers: { location: `/v1/api-keys/${body.id}` }, body };
    },
  };
}
