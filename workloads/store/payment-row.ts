import type { Currency } from "../payment/money.ts";
import type { CaptureMethod, DeclineCode, Method, Mode, Payment, PaymentStatus } from "../payment/payment.ts";

/** The columns of `satang.payments p` that make a `Payment`. */
export const paymentColumns = `p.bucket, p.merchant_id, p.id, p.mode, p.status, p.outcome, p.amount, p.currency, p.captured, p.refunded, p.refunding, p.pending, p.capture,
  p.method_type, p.provider, p.reference, p.metadata, p.failure_code, p.capture_before, p.version, p.created_at, p.updated_at`;

export type PaymentRow = {
  bucket: number;
  merchant_id: string;
  id: string;
  mode: Mode;
  status: PaymentStatus;
  outcome: "unknown" | null;
  amount: number;
  currency: Currency;
  captured: number;
  refunded: number;
  refunding: number;
  pending: Payment["pending"];
  capture: CaptureMethod;
  method_type: Method["type"];
  provider: string;
  reference: string | null;
  metadata: Record<string, string>;
  failure_code: DeclineCode | null;
  capture_before: Date | null;
  version: number;
  created_at: Date;
  updated_at: Date;
};

export function paymentOf(row: PaymentRow): Payment {
  return {
    bucket: row.bucket,
    id: row.id,
    mode: row.mode,
    status: row.status,
    outcome: row.outcome,
    amount: row.amount,
    currency: row.currency,
    captured: row.captured,
    refunded: row.refunded,
    refunding: row.refunding,
    pending: row.pending,
    capture: row.capture,
    provider: row.provider,
    reference: row.reference,
    metadata: row.metadata,
    version: row.version,
    merchantId: row.merchant_id,
    method: { type: row.method_type },
    failureCode: row.failure_code,
    captureBefore: row.capture_before,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Payments by primary key, in no order. */
export const paymentsById = {
  name: "payments_by_id",
  text: `
select ${paymentColumns} from unnest($1::smallint[], $2::uuid[], $3::uuid[]) as i(bucket, merchant_id, id)
join satang.payments p on p.bucket = i.bucket and p.merchant_id = i.merchant_id and p.id = i.id`,
};
