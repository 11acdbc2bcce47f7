import type pg from "pg";
import { madeAt, newUuid } from "../payment/id.ts";
import type { OperationRef } from "../payment/operation.ts";
import { auditValues } from "./audit.ts";
import { batched } from "./batch.ts";
import { byRefOrder, claimValues } from "./claim.ts";
import { type ClaimedDeliveryRow, claimDeliveries, claimedDeliveryOf } from "./claim-deliveries.ts";
import { isFaultOfRows } from "./database.ts";
import { idAt } from "./page.ts";
import { type Recording, recordDeliveries, recordValues } from "./record-deliveries.ts";
import { forgetOldDeliveries, resend, resendFailed } from "./resend-deliveries.ts";
import type { Tenant } from "./store.ts";
import {
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  type EndpointRow,
  endpoint,
  endpointOf,
  endpoints,
  rotateSecret,
} from "./webhook-endpoints.ts";
import { type ClaimedDelivery, maxEndpoints, type WebhookStore } from "./webhooks.ts";

type Query = <Row extends pg.QueryResultRow>(statement: { name: string; text: string }, values: unknown[], rows?: number) => Promise<Row[]>;

const forgottenAtOnce = 500;

/** Webhook endpoints and deliveries in the Postgres that `query` asks. */
export function postgresWebhooks(query: Query, leaseSeconds: number): WebhookStore {
  const one = async (statement: { name: string; text: string }, values: unknown[]) => {
    const [row] = await query<EndpointRow>(statement, values);
    return row && endpointOf(row);
  };
  const claim = batched<OperationRef, ClaimedDelivery | undefined>({
    async flush(refs) {
      const rows = await query<ClaimedDeliveryRow>(claimDeliveries, claimValues(refs, leaseSeconds), refs.length);
      const claimed = new Map(rows.map((row) => [row.id, claimedDeliveryOf(row)]));
      return refs.map((ref) => claimed.get(ref.id));
    },
    order: byRefOrder,
    distinct: (ref) => ref.id,
    isFaultOfRows,
  });
  const record = batched<Recording, boolean>({
    async flush(rows) {
      const written = new Set((await query<{ id: string }>(recordDeliveries, recordValues(rows), rows.length)).map((row) => row.id));
      return rows.map((row) => written.has(row.claimed.id));
    },
    order: (a, b) => byRefOrder(a.claimed, b.claimed),
    distinct: (row) => row.claimed.id,
    isFaultOfRows,
  });

  return {
    async createEndpoint(tenant, { url, description, eventTypes }, secret, by) {
      const values = [...auditValues(by), ...keyOf(tenant), newUuid(), url, description, eventTypes, newUuid(), secret];
      // No row: another took the slot meanwhile, or all are taken. Each look finds a slot less, so this ends.
      for (let look = 0; look <= maxEndpoints; look++) {
        const made = await one(createEndpoint, values);
        if (made) return made;
        if ((await this.endpoints(tenant)).length >= maxEndpoints) return undefined;
      }
      return undefined;
    },
    endpoint: (tenant, id) => one(endpoint, [...keyOf(tenant), id]),
    async endpoints(tenant) {
      return (await query<EndpointRow>(endpoints, keyOf(tenant))).map(endpointOf);
    },
    changeEndpoint(tenant, id, { url, description, eventTypes, enabled }, by) {
      const given = [url, description, eventTypes].map((value) => value !== undefined);
      const values = [url ?? null, description ?? null, eventTypes ?? null, enabled ?? null];
      return one(changeEndpoint, [...auditValues(by), ...keyOf(tenant), id, ...given, ...values]);
    },
    async deleteEndpoint(tenant, id, by) {
      return (await query(deleteEndpoint, [...auditValues(by), ...keyOf(tenant), id])).length > 0;
    },
    async rotateSecret(tenant, id, { secret, overlapHours }, by) {
      const values = [...auditValues(by), ...keyOf(tenant), id, newUuid(), secret, overlapHours];
      const [row] = await query<EndpointRow & { previous_expires_at: Date | null }>(rotateSecret, values);
      return row && { endpoint: endpointOf(row), previousExpiresAt: row.previous_expires_at };
    },
    async resend(tenant, endpointId, deliveryId, by) {
      const [row] = await query<{ id: string }>(resend, [...auditValues(by), ...keyOf(tenant), endpointId, deliveryId, newUuid()]);
      return row?.id;
    },
    async resendFailed(tenant, endpointId, since, by) {
      const values = [...auditValues(by), ...keyOf(tenant), endpointId, idAt(since.getTime()), newUuid()];
      const [row] = await query<{ resent: number; last: string | null }>(resendFailed, values);
      const { resent, last } = row!;
      return { resent, next: last === null ? undefined : new Date(madeAt(last)) };
    },

    claim,
    record: (claimed, told) => record({ claimed, told }),
    async forgetOld() {
      return (await query(forgetOldDeliveries, [forgottenAtOnce])).length;
    },
  };
}

const keyOf = ({ bucket, merchantId, mode }: Tenant): [bucket: number, merchantId: string, mode: string] => [bucket, merchantId, mode];
