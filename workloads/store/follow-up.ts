import { type FollowUp, type FollowUpKind, type Obstacle, obstacleTo } from "../payment/follow-up.ts";
import { newUuid } from "../payment/id.ts";
import { type OperationRef, queueOf } from "../payment/operation.ts";
import type { Payment } from "../payment/payment.ts";
import { refundAsked } from "../payment/posting.ts";
import { type FollowUpRow, followUpColumns, followUpOf } from "./follow-up-row.ts";
import type { Tenant } from "./tenant.ts";

/** A capture, cancellation or refund that a merchant asks for, validated, under its idempotency key. */
export type NewFollowUp = Tenant & {
  readonly key: string;
  readonly requestHash: Buffer;
  readonly requestId: string;
  readonly paymentId: string;
  readonly kind: FollowUpKind;
  readonly amount: number;
  readonly reason: string | null;
  readonly reference: string | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Leave it to the dispatcher: it is due now, and no hint will be sent. */
  readonly dueNow: boolean;
};

/** What became of the request. `refused`: nothing was written, and the key is as free as before. */
export type AcceptedFollowUp =
  | { readonly result: "new"; readonly payment: Payment; readonly followUp: FollowUp; readonly operation: OperationRef }
  | { readonly result: "replay"; readonly payment: Payment; readonly followUp: FollowUp; readonly originalRequestId: string }
  | { readonly result: "reused" }
  | { readonly result: "refused"; readonly payment: Payment; readonly obstacle: Obstacle };

export interface FollowUps {
  /** `undefined`: there is no such payment in this mode. */
  acceptFollowUp(request: NewFollowUp): Promise<AcceptedFollowUp | undefined>;
  followUp(tenant: Tenant, id: string): Promise<FollowUp | undefined>;
}

/**
 * Takes each request whose payment allows it: the payment's row first, whose lock lets those who come at once go one after the other;
 * then key, operation, and of a refund the journal that sets its money aside. A key that was taken meanwhile fails the whole statement:
 * then nothing is written, and `recall` finds what the key made. One payment comes at most once in a batch.
 */
export const acceptFollowUp = {
  name: "accept_follow_up",
  text: `
with allowed as (
  update satang.payments p
  set refunding = p.refunding + case i.kind when 'refund' then i.amount else 0 end,
      pending = case when i.kind <> 'refund' then i.kind end,
      version = p.version + 1,
      updated_at = now()
  from unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::uuid[], $9::text[], $10::text[], $11::bigint[],
      $12::text[], $13::text[], $14::jsonb[], $15::float8[])
    as i(bucket, merchant_id, payment_id, mode, key, request_hash, request_id, operation_id, kind, queue, amount, reason, reference, metadata, due_seconds)
  where p.bucket = i.bucket and p.merchant_id = i.merchant_id and p.id = i.payment_id and p.mode = i.mode and p.outcome is null and p.pending is null
    and case i.kind when 'refund' then p.status = 'succeeded' and i.amount <= p.captured - p.refunded - p.refunding
        else p.status = 'requires_capture' and i.amount <= p.amount end
  returning i.*, p.currency, p.provider, p.provider_reference
), keyed as (
  insert into satang.idempotency_keys (bucket, merchant_id, mode, key, request_hash, payment_id, operation_id, request_id)
  select bucket, merchant_id, mode, key, request_hash, payment_id, operation_id, request_id from allowed
), set_aside as (
  insert into satang.ledger_entries (bucket, merchant_id, operation_id, line, account, currency, amount)
  select * from unnest($16::smallint[], $17::uuid[], $18::uuid[], $19::smallint[], $20::text[], $21::text[], $22::bigint[])
    as l(bucket, merchant_id, operation_id, line, account, currency, amount)
  where (l.operation_id in (select operation_id from allowed)) is true
)
insert into satang.operations as o (bucket, merchant_id, id, payment_id, kind, queue, state, amount, currency, provider, parent_reference, reason, reference, metadata, due_at)
select bucket, merchant_id, operation_id, payment_id, kind, queue, 'queued', amount, currency, provider, provider_reference, reason, reference, metadata,
  now() + due_seconds * interval '1 second'
from allowed
returning ${followUpColumns}`,
};

export type NumberedFollowUp = { readonly request: NewFollowUp; readonly payment: Payment; readonly operationId: string };

export const numberedFollowUp = (request: NewFollowUp, payment: Payment): NumberedFollowUp => ({
  request,
  payment,
  operationId: newUuid(),
});

export function acceptFollowUpValues(rows: readonly NumberedFollowUp[], dueSeconds: number): unknown[] {
  const requests = rows.map((row) => row.request);
  const lines = rows.flatMap(({ request, payment, operationId }) =>
    (request.kind === "refund" ? refundAsked(request.amount, payment.currency) : []).map((posting, line) => ({
      request,
      operationId,
      line,
      posting,
    })),
  );
  return [
    requests.map((r) => r.bucket),
    requests.map((r) => r.merchantId),
    requests.map((r) => r.paymentId),
    requests.map((r) => r.mode),
    requests.map((r) => r.key),
    requests.map((r) => r.requestHash),
    requests.map((r) => r.requestId),
    rows.map((row) => row.operationId),
    requests.map((r) => r.kind),
    requests.map((r) => queueOf(r.kind)),
    requests.map((r) => r.amount),
    requests.map((r) => r.reason),
    requests.map((r) => r.reference),
    requests.map((r) => r.metadata && JSON.stringify(r.metadata)),
    requests.map((r) => (r.dueNow ? 0 : dueSeconds)),
    lines.map(({ request }) => request.bucket),
    lines.map(({ request }) => request.merchantId),
    lines.map(({ operationId }) => operationId),
    lines.map(({ line }) => line),
    lines.map(({ posting }) => posting.account),
    lines.map(({ posting }) => posting.currency),
    lines.map(({ posting }) => posting.amount),
  ];
}

export type FollowUpDeps = {
  /** Who came with this key before, if anybody. */
  readonly recalled: (
    request: NewFollowUp,
  ) => Promise<{ payment: Payment; operationId: string | null; isSame: boolean; originalRequestId: string } | undefined>;
  readonly payment: (tenant: Tenant, id: string) => Promise<Payment | undefined>;
  readonly followUp: FollowUps["followUp"];
  readonly accept: (row: NumberedFollowUp) => Promise<FollowUpRow | undefined>;
};

export function followUps({ recalled, payment, followUp, accept }: FollowUpDeps): FollowUps {
  async function replayOf(request: NewFollowUp): Promise<AcceptedFollowUp | undefined> {
    const earlier = await recalled(request);
    if (!earlier) return undefined;
    if (!earlier.isSame || earlier.operationId === null) return { result: "reused" };
    const made = await followUp(request, earlier.operationId);
    if (!made) throw new Error(`operation ${earlier.operationId} has a key, and is gone`);
    return { result: "replay", payment: earlier.payment, followUp: made, originalRequestId: earlier.originalRequestId };
  }

  return {
    followUp,
    async acceptFollowUp(request) {
      const replay = await replayOf(request);
      if (replay) return replay;
      const before = await payment(request, request.paymentId);
      if (!before) return undefined;

      const row = numberedFollowUp(request, before);
      let taken: FollowUpRow | undefined;
      try {
        taken = await accept(row);
      } catch (error) {
        const winner = isKeyTaken(error) ? await replayOf(request) : undefined;
        if (winner) return winner;
        throw error;
      }
      const now = (await payment(request, request.paymentId)) ?? before;
      if (!taken) return (await replayOf(request)) ?? { result: "refused", payment: now, obstacle: obstacle(request, now) };
      const { bucket, merchantId } = request;
      return { result: "new", payment: now, followUp: followUpOf(taken), operation: { bucket, merchantId, id: row.operationId } };
    },
  };
}

// It may be gone by the time that we look: then the same request, made again, is taken.
const obstacle = ({ kind, amount }: NewFollowUp, payment: Payment): Obstacle => obstacleTo(kind, amount, payment) ?? "in_progress";

const isKeyTaken = (error: unknown): boolean => (error as { constraint?: string }).constraint === "idempotency_keys_pkey";
