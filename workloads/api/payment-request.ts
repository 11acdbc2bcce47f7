import { z } from "zod";
import type { Currency } from "../payment/money.ts";
import { isCurrency } from "../payment/money.ts";
import type { CaptureMethod, Method } from "../payment/payment.ts";
import { amount } from "./amount.ts";
import { metadata } from "./metadata.ts";
import { text } from "./text.ts";
import { validated } from "./validated.ts";

const tokenError = "a provider's token of 1 to 255 printable ASCII characters without blanks, like tok_visa";

// What `checkMetadata` checks, for the documentation.

/** What `POST /v1/payments` takes. Unknown fields are refused, so that a misspelt one is not lost. */
export const paymentRequest = z
  .strictObject(
    {
      amount,
      currency: z
        .string({ error: "an ISO 4217 code, like THB" })
        .refine(isCurrency, { error: currencyError })
        .transform((code) => code as Currency)
        .meta({ description: "An ISO 4217 code.", pattern: "^[A-Z]{3}$", example: "THB" }),
      method: z.strictObject(
        {
          type: z.literal("card", { error: '"card"' }),
          token: z.string({ error: tokenError }).regex(/^[\x21-\x7e]{1,255}$/, { error: tokenError }),
        },
        { error: 'an object like {"type": "card", "token": "tok_visa"}' },
      ),
      capture: z.enum(["automatic", "manual"], { error: '"automatic" or "manual"' }).default("automatic"),
      reference: text(255).nullish(),
      metadata: metadata.nullish(),
    },
    { error: "a JSON object" },
  )
  .meta({
    id: "NewPayment",
    example: { amount: 35_000, currency: "THB", method: { type: "card", token: "tok_visa" }, reference: "order-17" },
  });

export type PaymentRequest = {
  readonly amount: number;
  readonly currency: Currency;
  readonly method: Method;
  readonly capture: CaptureMethod;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>>;
};

/** What is asked for, defaults filled in. Refuses it with everything that is wrong. */
export function paymentRequestOf(sent: object): PaymentRequest {
  const { reference, metadata, ...rest } = validated(paymentRequest, sent);
  return { ...rest, reference: reference ?? null, metadata: (metadata ?? {}) as Record<string, string> };
}

function currencyError({ input }: { input?: unknown }): string {
  const capitals = String(input).toUpperCase();
  return isCurrency(capitals) ? `${capitals}, in capitals` : "an ISO 4217 code in capitals, like THB";
}
