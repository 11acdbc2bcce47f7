import type pg from "pg";
import type { OperationRef } from "../payment/operation.ts";

/** An event of a provider, verified. `operation`: what it is about, as far as that can be read. */
export type ReceivedEvent = {
  readonly provider: string;
  readonly id: string;
  readonly type: string;
  readonly reference: string | null;
  readonly operation: OperationRef | undefined;
};

export interface ProviderEventStore {
  /**
   * Keeps an event, and makes the operation that it is about due now if that is open: then the provider is asked, and its answer settles it.
   * `replay`: it was kept before, and nothing happens.
   */
  record(event: ReceivedEvent): Promise<"new" | "replay">;
  /** Forgets some that came 30 days ago; how many. Only events of the last minutes verify, so none of these can come again. */
  forgetOld(): Promise<number>;
}

/** What was never sent is left alone: nobody but us knows of it. */
export const recordEvent = {
  name: "record_provider_event",
  text: `
with fresh as (
  insert into satang.provider_events (provider, event_id, type, reference) values ($1, $2, $3, $4) on conflict do nothing returning event_id
), looked_into as (
  update satang.operations set due_at = now()
  where bucket = $5 and merchant_id = $6 and id = $7 and provider = $1 and is_open and state <> 'queued' and exists (select from fresh)
)
select event_id from fresh`,
};

export const forgetOldEvents = {
  name: "forget_provider_events",
  text: `
delete from satang.provider_events where ctid = any(array(
  select ctid from satang.provider_events where received_at < now() - interval '30 days' order by received_at limit $1
)) returning event_id`,
};

type Query = <Row extends pg.QueryResultRow>(statement: { name: string; text: string }, values: unknown[], rows?: number) => Promise<Row[]>;

const forgottenAtOnce = 500;

/** Providers' events in the Postgres that `query` asks. */
export function postgresProviderEvents(query: Query): ProviderEventStore {
  return {
    async record({ provider, id, type, reference, operation }) {
      const ref = [operation?.bucket, operation?.merchantId, operation?.id];
      const fresh = await query(recordEvent, [provider, id, type, reference, ...ref]);
      return fresh.length > 0 ? "new" : "replay";
    },
    forgetOld: async () => (await query(forgetOldEvents, [forgottenAtOnce])).length,
  };
}
