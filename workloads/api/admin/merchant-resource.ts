import { z } from "zod";
import { parsePublicId, publicId } from "../../payment/id.ts";
import type { At, Merchant } from "../../store/access.ts";
import { Refusal } from "../problem.ts";

/** What `merchantResource` makes. */
export const merchantSchema = z
  .strictObject({
    id: z.string().regex(/^mer_[0-9a-z]{29}$/),
    object: z.literal("merchant"),
    name: z.string(),
    disabled: z.boolean().describe("While true, none of the merchant's keys is taken. What was accepted before goes on."),
    disabled_at: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: "Merchant" });

/** A merchant as the admin sees it. */
export function merchantResource({ bucket, id, name, disabledAt, createdAt }: Merchant): z.output<typeof merchantSchema> {
  return {
    id: publicId("merchant", bucket, id),
    object: "merchant",
    name,
    disabled: disabledAt !== null,
    disabled_at: disabledAt?.toISOString() ?? null,
    created_at: createdAt.toISOString(),
  };
}

/** Where a merchant is, by his public id. Refuses what is none: to the asker that is a merchant who does not exist. */
export function merchantAt(id: unknown): At {
  const found = typeof id === "string" ? parsePublicId("merchant", id) : undefined;
  return found ? { bucket: found.bucket, id: found.uuid } : noMerchant();
}

export function noMerchant(): never {
  throw new Refusal({ code: "merchant_not_found", detail: "There is no merchant with this id. Ids begin with mer_." });
}
