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
  onFlush?: (rows: number) => void;
};

type Waiting<Item, Result> = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };

/** `load`: how many calls wait, as a part of those that may, from 0 to 1. */
export type Batched<Item, Result> = ((item: Item) => Promise<Result>) & { load(): number };

// A flush costs about as much as eight rows of it. So where there is more than one at a time to do, a few milliseconds' worth go together,
// as Postgres' own commit_delay has it.
const betweenFlushesMs = 3;
const worthFlushing = 16;
// Beside one that is on its way, where a whole batch waits.
const atOnce = 2;

/**
 * Calls that come while a flush is on its way travel together in the next, and so do those that come within three milliseconds of its
 * beginning. A call after a quiet moment waits for nobody, and a busy system pays one round trip and one commit for up to `maxRows`
 * calls. If a row spoils its batch, the rows are replayed one by one, so that only the bad one fails.
 */
export function batched<Item, Result>(options: BatchOptions<Item, Result>): Batched<Item, Result> {
  const { flush, order, isFaultOfRows, distinct, maxRows = 128, maxWaiting = 20_000, onFlush = () => {} } = options;
  let waiting: Waiting<Item, Result>[] = [];
  let flying = 0;
  let lastBegan = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;

  const call = (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (waiting.length >= maxWaiting) return reject(new StoreUnavailable(`${maxWaiting} calls wait for Postgres already`));
      waiting.push({ item, resolve, reject });
      schedule();
    });
  return Object.assign(call, { load: () => waiting.length / maxWaiting });

  function schedule(): void {
    if (waiting.length < (flying === 0 ? 1 : maxRows) || flying === atOnce) return;
    const early = lastBegan + betweenFlushesMs - performance.now();
    if (early > 0 && waiting.length < worthFlushing) timer ??= setTimeout(send, early);
    else turn ??= setImmediate(send); // the requests that arrived together go together
  }

  async function send(): Promise<void> {
    clearTimeout(timer);
    clearImmediate(turn);
    timer = turn = undefined;
    const rows = take();
    flying += 1;
    lastBegan = performance.now();
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
