import { publicId } from "../payment/id.ts";
import { type Loop, loop } from "../queue/loop.ts";
import type { Books, Checked } from "../store/books.ts";
import { openBooks } from "../store/postgres-books.ts";
import type { Log } from "../telemetry/log.ts";

export type KeepingDeps = {
  readonly url: string;
  /** By how many minor units the books are off; `undefined`: nobody knows, so nobody says 0. */
  readonly onChecked: (offBy: number | undefined) => void;
  readonly log: Log;
};

const pauseMs = 5_000;
const breathMs = 100; // between one part of a long work and the next
const linesAtMost = 20;

/** Keeps the books of a shard's merchants: closes, folds and checks them, and says what is wrong. */
export function keepingBooks({ url, onChecked, log }: KeepingDeps): Pick<Loop, "stop"> {
  const books = openBooks({ url, applicationName: "satang-dispatcher-books" });
  const keeping = loop({
    async step() {
      const start = performance.now();
      const { more, checked } = await keepBooks(books);
      onChecked(checked.offBy);
      complain(checked, log);
      return more ? breathMs : Math.max(pauseMs, 10 * (performance.now() - start)); // a long look must not become the load
    },
    pauseOnErrorMs: pauseMs,
    onError(error) {
      onChecked(undefined);
      log.warn({ err: error }, "could not keep the books; trying again");
    },
  });
  return {
    async stop() {
      await keeping.stop();
      await books.end();
    },
  };
}

/** One round over the books. */
export async function keepBooks(books: Books): Promise<{ more: boolean; checked: Checked }> {
  await books.close();
  const moreToFold = await books.fold();
  const checked = await books.check();
  return { more: moreToFold || checked.more, checked };
}

function complain({ found }: Checked, log: Log): void {
  for (const { fault, bucket, id, offBy } of found.slice(0, linesAtMost))
    log.error({ operation: publicId("operation", bucket, id), off_by_minor_units: offBy }, `the books are wrong: ${fault}`);
  if (found.length > linesAtMost) log.error({ more: found.length - linesAtMost }, "more is wrong in the books: see satang.book_faults");
}
