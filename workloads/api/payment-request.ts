import { z } from "zod";
import type { Currency } from "../payment/money.ts";
import { isCurrency, maxAmount } from "../payment/money.ts";
import type { CaptureMethod, Method } from "../payment/payment.ts";
import { isStorable, text } from "./text.ts";
import { validated } from "./validated.ts";

const amountError = `a whole number of minor units (satang, cents) from 1 to ${maxAmount}, without a point or quotes`;
const tokenError = "a provider's token of 1 to 255 printable ASCII characters without blanks, like tok_visa";

// What `checkMetadata` checks, for the documentation.
const metadataMeta = {
  type: "object",
  description: "Yours: at most 20 keys of 1 to 40 characters, with strings of at most 500.",
  maxProperties: 20,
  propertyNames: { minLength: 1, maxLength: 40, not: { const: "__proto__" } },
  additionalProperties: { type: "string", maxLength: 500 },
};

/** What `POST /v1/payments` takes. Unknown fields are refused, so that a misspelt one is not lost. */
export const paymentRequest = z
  .strictObject(
    {
      amount: z
        .int({ error: amountError })
        .min(1, { error: amountError })
        .max(maxAmount, { error: amountError })
        .describe("In minor units of the currency (satang, cents)."),
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
      metadata: z.unknown().check(checkMetadata).meta(metadataMeta).nullish(),
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

const maxKeys = 20;
const maxKeyLength = 40;
const maxValueLength = 500;

// Not a zod record: it passes over a key `__proto__` in silence.
function checkMetadata({ value, issues }: z.core.ParsePayload): void {
  for (const { message, path } of metadataFaults(value)) issues.push({ code: "custom", input: value, message, path });
}

function metadataFaults(value: unknown): { message: string; path: string[] }[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object" || Array.isArray(value)) return [{ message: "an object of strings", path: [] }];
  const entries = Object.entries(value);
  if (entries.length > maxKeys) return [{ message: `an object of at most ${maxKeys} keys`, path: [] }];
  return entries.flatMap(([key, text]) => {
    if (key === "" || key.length > maxKeyLength || key === "__proto__" || !isStorable(key))
      return [{ message: `an object whose keys have 1 to ${maxKeyLength} characters and are not __proto__`, path: [] }];
    if (typeof text !== "string" || text.length > maxValueLength)
      return [{ message: `a string of at most ${maxValueLength} characters`, path: [key] }];
    return isStorable(text) ? [] : [{ message: "text without NUL characters and lone surrogates", path: [key] }];
  });
}
