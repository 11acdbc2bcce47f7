import { z } from "zod";
import { publicId } from "../payment/id.ts";
import { type DeclineCode, declineCodes, type Payment, paymentStatuses } from "../payment/payment.ts";

export const failureSchema = z.strictObject({ code: z.enum(declineCodes), message: z.string() });

/** Why a provider said no, in words for the merchant. */
export const failureOf = (code: DeclineCode): z.output<typeof failureSchema> => ({ code, message: messages[code] });

/** What `paymentResource` makes, for those who read it. */
export const paymentSchema = z
  .strictObject({
    id: z.string().regex(/^pay_[0-9a-z]{29}$/),
    object: z.literal("payment"),
    status: z.enum(paymentStatuses),
    outcome: z
      .literal("unknown")
      .optional()
      .describe("There while nobody knows what the provider did. Nothing can be done with it until then."),
    amount: z.int().min(1).describe("In minor units of the currency (satang, cents)."),
    currency: z.string().regex(/^[A-Z]{3}$/),
    captured: z.int().min(0),
    refunded: z.int().min(0),
    capture: z.enum(["automatic", "manual"]),
    method: z.strictObject({ type: z.literal("card") }),
    reference: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    failure: failureSchema.nullable(),
    capture_before: z.iso
      .datetime()
      .nullable()
      .describe("While it requires capture: until when. What is not captured by then is let go, and the payment expires."),
    mode: z.enum(["test", "live"]),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
    version: z.int().min(1).describe("Grows by one with each change."),
  })
  .meta({ id: "Payment" });

/** A payment as a merchant sees it. The token is not repeated: it is as good as the card. */
export function paymentResource(payment: Payment): { id: string; [field: string]: unknown } {
  return {
    id: publicId("payment", payment.bucket, payment.id),
    object: "payment",
    status: payment.status,
    outcome: payment.outcome ?? undefined,
    amount: payment.amount,
    currency: payment.currency,
    captured: payment.captured,
    refunded: payment.refunded,
    capture: payment.capture,
    method: { type: payment.method.type },
    reference: payment.reference,
    metadata: payment.metadata,
    failure: payment.failureCode && failureOf(payment.failureCode),
    capture_before: payment.status === "requires_capture" ? (payment.captureBefore?.toISOString() ?? null) : null,
    mode: payment.mode,
    created_at: payment.createdAt.toISOString(),
    updated_at: payment.updatedAt.toISOString(),
    version: payment.version,
  };
}

/** Strong: the same version has the same bytes. */
export const etagOf = (payment: Payment): string => `"${payment.version}"`;

const messages: { readonly [code in DeclineCode]: string } = {
  card_declined: "The bank declined the card without saying why. The payer may ask the bank, or use another card.",
  insufficient_funds: "There is not enough money on the card's account.",
  expired_card: "The card has expired.",
  stolen_or_lost_card: "The bank declined the card. Tell the payer no more than that.",
  suspected_fraud: "The provider suspects fraud. Tell the payer no more than that the card was declined.",
  invalid_token: "The provider does not know this token, or it was used up. Make a new one.",
  amount_not_allowed: "The provider does not take this amount.",
  currency_not_supported: "The provider does not take this currency.",
  refused_by_provider: "The provider refused, for a reason that has no code of ours.",
};
