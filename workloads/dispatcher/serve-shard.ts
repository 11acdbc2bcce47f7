import type { Queue } from "../payment/operation.ts";
import type { Hints } from "../queue/hints.ts";
import { loop } from "../queue/loop.ts";
import type { Offered, Store } from "../store/store.ts";
import type { Context } from "../telemetry/lifecycle.ts";
import type { Counts } from "./counts.ts";
import { countDepth } from "./depth.ts";
import { Drain } from "./drain.ts";
import { forgetting } from "./forgetting.ts";
import { keepingBooks } from "./keep-books.ts";
import { offerDue } from "./offer-due.ts";
import type { Pace } from "./pace.ts";

export type ServeShardDeps = Pick<Context<unknown>, "log" | "metrics" | "live" | "onStop"> & {
  readonly shards: number;
  readonly hints: Hints;
  readonly paces: ReadonlyMap<Queue, Pace>;
  readonly counts: Counts;
  readonly onBooksChecked: (offBy: number | undefined) => void;
};

const offerPauseMs = 250;
const countPauseMs = 2_000;
/** Autoscalers take a count for unknown after 15 s, and a burst is when they are needed. */
const longestCountPauseMs = 8_000;
const stuckSeconds = 60;

/** All that is done again and again on one shard, in loops of its own: one that is away holds up no other. */
export function serveShard({ number, store, url }: { number: number; store: Store; url: string }, deps: ServeShardDeps): void {
  const { shards, hints, paces, counts, metrics, live, onStop, onBooksChecked } = deps;
  const log = shards > 1 ? deps.log.child({ shard: number }) : deps.log;
  const named = (what: string): string => (shards > 1 ? `${what} of shard ${number}` : what);

  const onOffered = (refs: readonly Offered[]) => {
    for (const { stale } of refs) metrics.reoffered.inc({ reason: stale ? "lease_ended" : "due" });
  };
  for (const [queue, pace] of paces) {
    const offering = loop({
      step: async () => ((await offerDue(queue, { store, hints, pace, shards, onOffered })) > 0 ? 0 : offerPauseMs),
      pauseOnErrorMs: 1_000,
      onError: (error) => log.warn({ err: error, queue }, "could not offer what is due; trying again"),
    });
    onStop(named(`offering ${queue}`), offering.stop);
    live(named(`offering ${queue}`), () => stuck(offering.lastStepAt()));
  }

  const drain = new Drain(() => performance.now());
  const queues = [...paces.keys()];
  const counting = loop({
    async step() {
      const start = performance.now();
      counts.counted(number, await countDepth(queues, { store, drain }));
      const pauseMs = 10 * (performance.now() - start); // a long count must not become the load
      return Math.min(longestCountPauseMs, Math.max(countPauseMs, pauseMs));
    },
    pauseOnErrorMs: countPauseMs,
    onError(error) {
      counts.missed(number);
      log.warn({ err: error }, "could not count the queues; trying again");
    },
  });
  onStop(named("counting"), counting.stop);
  onStop(named("books"), keepingBooks({ url, log, onChecked: onBooksChecked }).stop);
  if (paces.has("webhooks"))
    onStop(named("forgetting deliveries"), forgetting("deliveries", { forgetOld: store.webhooks.forgetOld, log }).stop);
  onStop(named("forgetting providers' events"), forgetting("events of providers", { forgetOld: store.providerEvents.forgetOld, log }).stop);
}

const stuck = (lastStepAt: number): string | undefined =>
  performance.now() - lastStepAt > stuckSeconds * 1000 ? `no step in ${stuckSeconds} s` : undefined;
