import { z } from "zod";

/** An idempotency key: printable ASCII without spaces, so that it can stand in a path. */
export const keySchema = z.string().regex(/^[!-~]{1,255}$/, "must be 1 to 255 printable ASCII characters without spaces");

const amount = z.int().positive().max(1_000_000_000_000);
const currency = z.string().regex(/^[A-Z]{3}$/, "must be an ISO 4217 code in capitals, for instance THB");
const money = { key: keySchema.optional(), amount, currency, reference: keySchema.optional() };
const first = { ...money, token: z.string().min(1).max(255) };
const following = { ...money, parentReference: z.string().min(1).max(300) };

/** What a caller may ask. A first operation names a token, a following one the reference of what it builds on. */
export const operationRequestSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("charge"), ...first }),
  z.strictObject({ kind: z.literal("authorize"), ...first }),
  z.strictObject({ kind: z.literal("capture"), ...following }),
  z.strictObject({ kind: z.literal("void"), ...following }),
  z.strictObject({ kind: z.literal("refund"), ...following }),
  z.strictObject({ kind: z.literal("expire"), ...following }),
]);

export type Kind = z.infer<typeof operationRequestSchema>["kind"];

/** The same, flat: what is asked under which key. */
export type OperationRequest = {
  readonly key: string;
  readonly kind: Kind;
  readonly amount: number;
  readonly currency: string;
  readonly token: string | null;
  readonly parentReference: string | null;
  /** What the caller calls it: repeated in events about it. */
  readonly reference: string | null;
};
