import type pg from "pg";
import { leaseSeconds as defaultLease, visibilitySeconds as defaultVisibility } from "../contract.ts";
import type { FollowUp } from "../payment/follow-up.ts";
import type { ClaimedOperation, OperationRef } from "../payment/operation.ts";
import type { Payment } from "../payment/payment.ts";
import { accept, acceptedPayment, acceptValues, byKeyOrder, type Numbered, numbered } from "./accept.ts";
import { batched } from "./batch.ts";
import { byRefOrder, type ClaimRow, claim, claimedOf, claimValues } from "./claim.ts";
import { type DatabaseOptions, isFaultOfRows, openDatabase, run } from "./database.ts";
import { acceptFollowUp, acceptFollowUpValues, followUps, type NumberedFollowUp } from "./follow-up.ts";
import { type FollowUpRow, followUpOf, followUpsById } from "./follow-up-row.ts";
import { type DepthRow, offeredOf, queueDepths, type UnknownRow, unknownOperations } from "./offer.ts";
import { offering } from "./offer-in-turn.ts";
import { type PaymentRow, paymentOf, paymentsById } from "./payment-row.ts";
import { type DirectoryRow, placementOf, readDirectory } from "./placement.ts";
import { type Position, positionOf } from "./position.ts";
import { postgresAccess } from "./postgres-access.ts";
import { postgresWebhooks } from "./postgres-webhooks.ts";
import { type Postponing, postpone, postponeValues } from "./postpone.ts";
import { postgresProviderEvents } from "./provider-events.ts";
import { idempotencyKey, type KeyRow } from "./queries.ts";
import { queueStates } from "./queue-state.ts";
import { type KeyOf, type RecallRow, recall, recallValues } from "./recall.ts";
import { type Settling, settle, settleValues } from "./settle.ts";
import { type Accepted, type NewPayment, type Store, StoreUnavailable, type Tenant } from "./store.ts";

export type StoreOptions = DatabaseOptions & {
  /** For how long a claim holds; default `leaseSeconds` of the contract. */
  leaseSeconds?: number;
  visibilitySeconds?: number;
  onStatement?: (done: { statement: string; rows: number; seconds: number; ok: boolean }) => void;
};

type Statement = { name: string; text: string };
type PaymentKey = { bucket: number; merchantId: string; id: string };

/** The store on one Postgres shard. Connections are made when first needed, so it opens also while there is no primary. */
export function openStore(options: StoreOptions): Store {
  const { leaseSeconds = defaultLease, visibilitySeconds = defaultVisibility, onStatement = () => {} } = options;
  const pool = openDatabase(options);
  let isAway = false;

  async function query<Row extends pg.QueryResultRow>(statement: Statement, values: unknown[], rows = 1): Promise<Row[]> {
    const start = performance.now();
    let ok = false;
    try {
      const answer = await run<Row>(pool, { ...statement, values });
      ok = true;
      isAway = false;
      return answer;
    } catch (error) {
      isAway = error instanceof StoreUnavailable;
      throw error;
    } finally {
      onStatement({ statement: statement.name, rows, seconds: (performance.now() - start) / 1000, ok });
    }
  }

  const acceptBatch = batched<Numbered, Date | undefined>({
    flush: async (rows) => {
      const fresh = await query<{ payment_id: string; created_at: Date }>(accept, acceptValues(rows, visibilitySeconds), rows.length);
      const created = new Map(fresh.map((row) => [row.payment_id, row.created_at]));
      return rows.map((row) => created.get(row.paymentId));
    },
    order: (a, b) => byKeyOrder(a.request, b.request),
    isFaultOfRows,
  });

  const recallBatch = batched<KeyOf, RecallRow | undefined>({
    flush: async (keys) => {
      const found = await query<RecallRow>(recall, recallValues(keys), keys.length);
      const byNumber = new Map(found.map((row) => [row.n, row]));
      return keys.map((_, i) => byNumber.get(i + 1));
    },
    order: () => 0,
    isFaultOfRows,
  });

  const paymentBatch = batched<PaymentKey, Payment | undefined>({
    flush: async (keys) => {
      const found = await query<PaymentRow>(
        paymentsById,
        [keys.map((k) => k.bucket), keys.map((k) => k.merchantId), keys.map((k) => k.id)],
        keys.length,
      );
      const payments = new Map(found.map((row) => [`${row.merchant_id}${row.id}`, row]));
      return keys.map((key) => {
        const row = payments.get(`${key.merchantId}${key.id}`);
        return row && paymentOf(row);
      });
    },
    order: () => 0,
    isFaultOfRows,
  });

  const claimBatch = batched<OperationRef, ClaimedOperation | undefined>({
    flush: async (refs) => {
      const taken = await query<ClaimRow>(claim, claimValues(refs, leaseSeconds), refs.length);
      const claimed = new Map(taken.map((row) => [row.id, claimedOf(row)]));
      return refs.map((ref) => claimed.get(ref.id));
    },
    order: byRefOrder,
    distinct: (ref) => ref.id,
    isFaultOfRows,
  });

  // One look for all who ask meanwhile: each began to wait after his commit.
  const positionBatch = batched<void, Position>({
    flush: async (asking) => {
      const [row] = await query<{ lsn: string }>({ name: "position", text: "select pg_current_wal_lsn()::text as lsn" }, [], asking.length);
      const position = positionOf(row!.lsn);
      return asking.map(() => position);
    },
    order: () => 0,
    isFaultOfRows,
  });

  /** A statement that writes what its caller still holds, and answers with the ids of what that was. */
  function fenced<Row extends { claimed: ClaimedOperation }>(statement: Statement, valuesOf: (rows: readonly Row[]) => unknown[]) {
    return batched<Row, boolean>({
      flush: async (rows) => {
        const written = new Set((await query<{ id: string }>(statement, valuesOf(rows), rows.length)).map((row) => row.id));
        return rows.map((row) => written.has(row.claimed.id));
      },
      order: (a, b) => byRefOrder(a.claimed, b.claimed),
      distinct: (row) => row.claimed.paymentId,
      isFaultOfRows,
    });
  }
  const offerDue = offering(query, visibilitySeconds);
  const settleBatch = fenced<Settling>(settle, settleValues);
  const postponeBatch = fenced<Postponing>(postpone, postponeValues);

  const followUpBatch = batched<PaymentKey & { mode: string }, FollowUp | undefined>({
    flush: async (keys) => {
      const values = [keys.map((k) => k.bucket), keys.map((k) => k.merchantId), keys.map((k) => k.id), keys.map((k) => k.mode)];
      const found = await query<FollowUpRow>(followUpsById, values, keys.length);
      const rows = new Map(found.map((row) => [`${row.merchant_id}${row.id}`, followUpOf(row)]));
      return keys.map((key) => rows.get(`${key.merchantId}${key.id}`));
    },
    order: () => 0,
    distinct: (key) => key.id,
    isFaultOfRows,
  });

  const acceptFollowUpBatch = batched<NumberedFollowUp, FollowUpRow | undefined>({
    flush: async (rows) => {
      const taken = await query<FollowUpRow>(acceptFollowUp, acceptFollowUpValues(rows, visibilitySeconds), rows.length);
      const byId = new Map(taken.map((row) => [row.id, row]));
      return rows.map((row) => byId.get(row.operationId));
    },
    order: (a, b) => byRefOrder(refOfPayment(a.request), refOfPayment(b.request)),
    distinct: ({ request }) => request.paymentId,
    isFaultOfRows,
  });

  async function recalled(request: KeyOf & { requestHash: Buffer }): Promise<Accepted | undefined> {
    const row = await recallBatch(request);
    if (!row) return undefined;
    if (!row.request_hash.equals(request.requestHash)) return { result: "reused" };
    return { result: "replay", payment: paymentOf(row), originalRequestId: row.request_id };
  }

  const paymentOfTenant = async (tenant: Tenant, id: string): Promise<Payment | undefined> => {
    const payment = await paymentBatch({ bucket: tenant.bucket, merchantId: tenant.merchantId, id });
    return payment?.mode === tenant.mode ? payment : undefined;
  };
  const followUp = ({ bucket, merchantId, mode }: Tenant, id: string) => followUpBatch({ bucket, merchantId, mode, id });

  return {
    ...followUps({
      async recalled(request) {
        const row = await recallBatch(request);
        return (
          row && {
            payment: paymentOf(row),
            operationId: row.operation_id,
            isSame: row.request_hash.equals(request.requestHash),
            originalRequestId: row.request_id,
          }
        );
      },
      payment: paymentOfTenant,
      followUp,
      accept: acceptFollowUpBatch,
    }),
    async accept(request: NewPayment): Promise<Accepted> {
      const row = numbered(request);
      const createdAt = await acceptBatch(row);
      if (createdAt) {
        const operation = { bucket: request.bucket, merchantId: request.merchantId, id: row.operationId };
        return { result: "new", payment: acceptedPayment(row, createdAt), operation };
      }
      const earlier = await recalled(request);
      if (!earlier) throw new Error(`the key of payment ${row.paymentId} was taken, and is gone`); // keys live as long as their payment
      return earlier;
    },
    replayed: recalled,
    payment: paymentOfTenant,
    async idempotencyKey(tenant, key) {
      const { bucket, merchantId, mode } = tenant;
      const [row] = await query<KeyRow>(idempotencyKey, [bucket, merchantId, mode, key]);
      if (!row) return undefined;
      const made = row.operation_id === null ? undefined : await followUp(tenant, row.operation_id);
      return { key, paymentId: row.payment_id, followUp: made, requestId: row.request_id, createdAt: row.created_at };
    },
    access: postgresAccess(query),
    webhooks: postgresWebhooks(query, leaseSeconds),
    providerEvents: postgresProviderEvents(query),
    async offer(queue, limit) {
      const rows = await offerDue(queue, limit);
      return rows.filter((row) => !row.held).map(offeredOf);
    },
    claim: claimBatch,
    settle: (claimed, settlement) => settleBatch({ claimed, settlement }),
    postpone: (claimed, postponement) => postponeBatch({ claimed, postponement }),
    async queueDepths(queues) {
      const rows = await query<DepthRow>(queueDepths, [queues, visibilitySeconds]);
      const found = new Map(rows.map((row) => [row.queue, row]));
      return queues.map((queue) => ({ queue, depth: found.get(queue)?.depth ?? 0, oldestSeconds: found.get(queue)?.oldest_seconds ?? 0 }));
    },
    async unknownOperations(queues) {
      const rows = await query<UnknownRow>(unknownOperations, [queues]);
      return rows.map((row) => ({ provider: row.provider, count: row.count, oldestSeconds: row.oldest_seconds }));
    },
    ...queueStates(query),
    async placement(knownEpoch) {
      const [row] = await query<DirectoryRow>(readDirectory, [knownEpoch]);
      return row && placementOf(row);
    },
    load: acceptBatch.load,
    isAway: () => isAway,
    position: () => positionBatch(),
    async ping() {
      await query({ name: "ping", text: "select 1" }, []);
    },
    close: () => pool.end(),
  };
}

const refOfPayment = ({ bucket, merchantId, paymentId }: { bucket: number; merchantId: string; paymentId: string }): OperationRef => ({
  bucket,
  merchantId,
  id: paymentId,
});
