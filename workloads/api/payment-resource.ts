import { publicId } from "../payment/id.ts";
import type { DeclineCode, Payment } from "../payment/payment.ts";

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
    failure: payment.failureCode && { code: payment.failureCode, message: messages[payment.failureCode] },
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
