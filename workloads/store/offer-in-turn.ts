import type pg from "pg";
import type { Queue } from "../payment/operation.ts";
import { type OfferRow, offer } from "./offer.ts";

/**
 * As `offer`, but merchant by merchant, from `$4` on, at most `$6` of each and `$5` merchants: who has ten thousand due delays only
 * himself. A merchant costs two steps down an index, however much he has: his are asked for as pairs of merchant and time, an order that no
 * other index has (migration 017).
 */
export const offerInTurn = { name: "offer_in_turn", text: "select * from satang.offer_in_turn($1, $2, $3, $4, $5, $6)" };

type TurnRow = { merchants: number | null; last: string | null } & (OfferRow | { [column in keyof OfferRow]: null });
type Query = <Row extends pg.QueryResultRow>(statement: { name: string; text: string }, values: unknown[], rows: number) => Promise<Row[]>;

const firstMerchant = "00000000-0000-0000-0000-000000000000";
const merchantsPerLook = 256;

/**
 * Offers what is due in a queue: the oldest first while there is room for all of it, and merchant by merchant from the look on that
 * found more than it could take, until a whole round finds less.
 */
export function offering(query: Query, visibilitySeconds: number): (queue: Queue, limit: number) => Promise<OfferRow[]> {
  const rounds = new Map<Queue, Round>(); // as many as there are queues

  return async (queue, limit) => {
    const round = rounds.get(queue);
    if (round) {
      const rows = await query<TurnRow>(
        offerInTurn,
        [queue, limit, visibilitySeconds, round.from, merchantsPerLook, round.share(limit)],
        limit,
      );
      const offered = rows.filter((row): row is TurnRow & OfferRow => row.id !== null);
      round.looked({ ...rows[0]!, offered, limit });
      if (round.isOver) rounds.delete(queue);
      return offered;
    }
    const rows = await query<OfferRow>(offer, [queue, limit, visibilitySeconds], limit);
    if (rows.length === limit) rounds.set(queue, new Round());
    return rows;
  };
}

/** A way round the merchants of a queue, in the order of their ids, look by look. */
class Round {
  /** The merchant that the next look begins with. */
  from = firstMerchant;
  /** A whole way round found nothing. */
  isOver = false;
  #merchants = 1;
  #found = 0;

  /** How many of one merchant: his part of the room, among as many merchants as the last look met. */
  share(limit: number): number {
    return Math.max(1, Math.ceil(limit / this.#merchants));
  }

  looked({ merchants, last, offered, limit }: Look): void {
    this.#found += offered.length;
    if (merchants !== null) this.#merchants = merchants;
    // The next look begins with who came last in this one: it may have ended in the middle of what is his.
    if (offered.length === limit)
      this.from = offered
        .map((row) => row.merchant_id)
        .sort()
        .at(-1)!;
    else if (last !== null && merchants === merchantsPerLook) this.from = last;
    else {
      this.isOver = this.#found === 0;
      this.#found = 0;
      this.from = firstMerchant;
    }
  }
}

type Look = { merchants: number | null; last: string | null; offered: readonly OfferRow[]; limit: number };
