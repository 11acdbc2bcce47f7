import { z } from "zod";
import { apiKeyHash, apiKeyHint, newApiKey } from "../../api-key.ts";
import { parsePublicId, publicId } from "../../payment/id.ts";
import type { Mode } from "../../payment/payment.ts";
import type { ApiKeyRecord, At, NewSecret } from "../../store/access.ts";
import { Refusal } from "../problem.ts";

/** What `apiKeyResource` makes. */
export const apiKeySchema = z
  .strictObject({
    id: z.string().regex(/^key_[0-9a-z]{29}$/),
    object: z.literal("api_key"),
    merchant: z.string().regex(/^mer_[0-9a-z]{29}$/),
    name: z.string().nullable(),
    hint: z.string().describe("How the key begins."),
    mode: z.enum(["test", "live"]),
    scopes: z.array(z.string()).nullable().describe("All that a restricted key may; null for a secret key, which may everything."),
    status: z.enum(["active", "expired", "revoked"]),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable(),
    revoked_at: z.iso.datetime().nullable(),
    last_used_at: z.iso.datetime().nullable().describe("To the hour."),
    replaced_by: z.string().nullable().describe("The key that was made when this one was rolled."),
  })
  .meta({ id: "ApiKey" });

/** A key just made: the only time that the key itself is shown. */
export const newApiKeySchema = apiKeySchema
  .extend({ secret: z.string().describe("The key itself. It is shown this once, and cannot be found out later.") })
  .meta({ id: "NewApiKey" });

/** A key as the admin sees it. */
export function apiKeyResource(key: ApiKeyRecord, now: Date = new Date()): z.output<typeof apiKeySchema> {
  const { bucket, merchantId } = key;
  return {
    id: publicId("apiKey", bucket, key.id),
    object: "api_key",
    merchant: publicId("merchant", bucket, merchantId),
    name: key.name,
    hint: key.hint,
    mode: key.mode,
    scopes: key.scopes && [...key.scopes],
    status: statusOf(key, now),
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    replaced_by: key.replacedBy && publicId("apiKey", bucket, key.replacedBy),
  };
}

function statusOf({ revokedAt, expiresAt }: ApiKeyRecord, now: Date): "active" | "expired" | "revoked" {
  if (revokedAt) return "revoked";
  return expiresAt && expiresAt <= now ? "expired" : "active";
}

/** A new key: what is shown, and what is kept. */
export function newSecret(kind: "sk" | "rk", mode: Mode): NewSecret & { readonly secret: string } {
  const secret = newApiKey(kind, mode);
  return { secret, hash: Buffer.from(apiKeyHash(secret), "hex"), hint: apiKeyHint(secret) };
}

/** Where a key is, by its public id. Refuses what is none: to the asker that is a key that does not exist. */
export function keyAt(id: unknown): At {
  const found = typeof id === "string" ? parsePublicId("apiKey", id) : undefined;
  return found ? { bucket: found.bucket, id: found.uuid } : noKey();
}

export function noKey(): never {
  throw new Refusal({ code: "api_key_not_found", detail: "There is no key with this id. Ids begin with key_; the key itself is no id." });
}
