import { z } from "zod";
import { publicId } from "../../payment/id.ts";
import type { AccessStore, AuditRecord } from "../../store/access.ts";
import { listOf } from "../paging.ts";
import type { Route } from "../route.ts";
import { validated } from "../validated.ts";
import { listAnswer, listOfMerchantQuery } from "./admin-list.ts";

const auditEntrySchema = z
  .strictObject({
    id: z.string().regex(/^aud_[0-9a-z]{29}$/),
    object: z.literal("audit_entry"),
    merchant: z.string().regex(/^mer_[0-9a-z]{29}$/),
    actor: z.strictObject({ type: z.enum(["admin", "api_key"]), id: z.string().nullable() }),
    action: z.string().meta({ example: "api_key.rolled" }),
    target: z.string().describe("The id of what was changed."),
    details: z.record(z.string(), z.unknown()).describe("What was set. Never a secret."),
    request_id: z.string(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "AuditEntry" });

/** `GET /v1/audit-log`: who changed merchants, keys and secrets, newest first, of all merchants or of one. Nobody can change it. */
export function listAuditLog({ store }: { store: { access: Pick<AccessStore, "auditLog"> } }): Route {
  return {
    method: "GET",
    path: "/v1/audit-log",
    access: "admin",
    load: "list",
    doc: {
      summary: "List the audit log",
      description:
        "Every change to merchants, keys and secrets. It can be added to, and not changed, also not by the database's own users.",
      query: listOfMerchantQuery,
      answers: { 200: { description: "Entries, newest first.", body: listOf(auditEntrySchema) } },
      problems: ["parameter_invalid", "parameter_unknown", "cursor_invalid", "merchant_not_found"],
    },
    handle({ request }) {
      const query = validated(listOfMerchantQuery, request.query);
      return listAnswer(query, { named: "auditEntry", read: store.access.auditLog, resourceOf: auditEntry });
    },
  };
}

function auditEntry({ bucket, merchantId, id, keyId, action, target, details, requestId, createdAt }: AuditRecord) {
  const actor = keyId === null ? { type: "admin", id: null } : { type: "api_key", id: publicId("apiKey", bucket, keyId) };
  return {
    id: publicId("auditEntry", bucket, id),
    object: "audit_entry",
    merchant: publicId("merchant", bucket, merchantId),
    actor,
    action,
    target: publicId(target.type, bucket, target.id),
    details,
    request_id: requestId,
    created_at: createdAt.toISOString(),
  };
}
