import type { Round } from "./figures.ts";
import { pgbench } from "./pgbench.ts";
import { acceptScript, transactionScript, wholeScript } from "./scripts.ts";
import { allSettled, feed, held, load, type Stage, sweepTables } from "./stage.ts";
import { tailsUnderLoad } from "./tails.ts";

export type RoundOptions = { readonly pgbenchBinary: string; readonly seconds: number };

const clients = 16;
const wholeCount = 6_000;

/** Measures everything once, one after the other on the same tables, so that a ratio within a round is fair. */
export async function paymentsRound(stage: Stage, { pgbenchBinary: binary, seconds }: RoundOptions): Promise<Round> {
  const { postgresUrl: url, payer } = stage;
  const bench = (script: string) => pgbench({ binary, url, script, clients, seconds });

  // Accepting only.
  const still = held(stage);
  try {
    await sweepTables(url);
    const rowByRow = await bench(acceptScript(payer));
    const inStore = await feed(stage, `--seconds=${seconds}`);
    const transaction = await bench(transactionScript(payer));
    const overHttp = await load(stage, `--seconds=${seconds}`);
    const replays = await load(stage, `--seconds=${seconds}`, "--replay=1000", "--prefix=replayed");
    const tails = await tailsUnderLoad(stage, seconds);
    await sweepTables(url);

    const wholeRowByRow = await bench(wholeScript(payer));
    await sweepTables(url);
    const fed = await feed(stage, `--count=${wholeCount}`, "--due");
    const start = performance.now();
    still[Symbol.dispose]();
    await allSettled(url, 120_000);
    const settling = (performance.now() - start) / 1000;

    return {
      "accepts/s pgbench row by row": rowByRow,
      "accepts/s pgbench plain transaction": transaction,
      "accepts/s in the store": inStore.perSecond,
      "accepts/s over HTTP": overHttp.perSecond,
      "p50 ms over HTTP": overHttp.p50,
      "p95 ms over HTTP": overHttp.p95,
      "p99 ms over HTTP": overHttp.p99,
      "replays/s over HTTP": replays.perSecond,
      ...tails,
      "whole payments/s pgbench row by row": wholeRowByRow,
      "whole payments/s": fed.count / (fed.seconds + settling),
    };
  } finally {
    still[Symbol.dispose]();
  }
}
