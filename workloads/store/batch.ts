import { StoreUnavailable } from "./store.ts";

/** How a batch is written: `flush` answers for each item in the order given, or throws; `alone` says which errors are one row's own fault. */
export type BatchOptions<Item, Result> = {
  flush: (items: Item[]) => Promise<Result[]>;
  /** Sorts rows, so that two batches that hold the same keys take their locks in the same order. */
  order: (a: Item, b: Item) => number;
  isFaultOfRows: (error: unknown) => boolean;
  /** Two items with the same value never share a batch: a statement that updates one row twice would keep only one of the two. */
  distinct?: (item: Item) => string;
  maxRows?: number;
  /** Calls that may wait; more are refused, for a queue in memory is nobody's promise. */
  maxWaiting?: number;
  /** Flushes on their way at once. */
  inFlight?: number;
  onFlush?: (rows: number) => void;
};

type Waiting<Item, Result> = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };

/** `load`: how many calls wait, as a part of those that may, from 0 to 1. */
export type Batched<Item, Result> = ((item: Item) => Promise<Result>) & { load(): number };

/**
 * Calls that come while a flush is on its way travel together in the next. There is no timer: an idle system answers as fast as
 * without it, and a busy one pays one round trip and one commit for up to `maxRows` calls. If a row spoils its batch, the rows are
 * replayed one by one, so that only the bad one fails.
 */
export function batched<Item, Result>(options: BatchOptions<Item, Result>): Batched<Item, Result> {
  const { flush, order, isFaultOfRows, distinct, maxRows = 128, maxWaiting = 20_000, inFlight = 2, onFlush = () => {} } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let flying = 0;
  let scheduled = false;

  const call = (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (waiting.length >= maxWaiting) return reject(new StoreUnavailable(`${maxWaiting} calls wait for Postgres already`));
      waiting.push({ item, resolve, reject });
      schedule();
    });
  return Object.assign(call, { load: () => waiting.length / maxWaiting });

  function schedule(): void {
    if (scheduled || flying >= inFlight || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      // one turn of the event loop: the requests that arrived together go together
      scheduled = false;
      void send();
    });
  }

  async function send(): Promise<void> {
    const rows = take();
    if (rows.length === 0) return;
    flying += 1;
    schedule();
    try {
      await write(rows.sort((a, b) => order(a.item, b.item)));
    } finally {
      flying -= 1;
      schedule();
    }
  }

  function take(): Waiting<Item, Result>[] {
    if (!distinct) return waiting.splice(0, maxRows);
    const taken = new Map<string, Waiting<Item, Result>>();
    const left: Waiting<Item, Result>[] = [];
    for (const row of waiting) {
      const value = distinct(row.item);
      if (taken.size < maxRows && !taken.has(value)) taken.set(value, row);
      else left.push(row);
    }
    waiting = left;
    return [...taken.values()];
  }

  async function write(rows: Waiting<Item, Result>[]): Promise<void> {
    onFlush(rows.length);
    try {
      const results = await flush(rows.map((row) => row.item));
      for (const [i, row] of rows.entries()) row.resolve(results[i]!);
    } catch (error) {
      const alone = rows.length > 1 && isFaultOfRows(error);
      for (const row of rows) {
        if (alone) await write([row]);
        else row.reject(error);
      }
    }
  }
}
