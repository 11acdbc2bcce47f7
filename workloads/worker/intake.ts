import type { OperationRef, Queue } from "../payment/operation.ts";
import { take } from "../queue/take.ts";
import type { Store } from "../store/store.ts";
import type { Context } from "../telemetry/lifecycle.ts";
import { progress } from "./progress.ts";
import { slots } from "./slots.ts";
import { sweep } from "./sweep.ts";

export type IntakeOptions = {
  readonly queues: readonly Queue[];
  readonly store: Pick<Store, "offer">;
  readonly redisUrl: string | undefined;
  /** Operations in flight at once. */
  readonly concurrency: number;
  /** Must not hold an operation for longer than the patience. */
  readonly workOn: (ref: OperationRef) => Promise<void>;
  readonly patienceSeconds: number;
};

/** Takes what is due in some queues, by hints and by looking, and works on it in slots that nothing else uses. */
export function intake(options: IntakeOptions, { log, live, onStop }: Pick<Context<unknown>, "log" | "live" | "onStop">): void {
  const { queues, store, redisUrl, concurrency, workOn, patienceSeconds } = options;
  const inFlight = slots(concurrency);
  onStop(`${queues} in flight`, inFlight.idle);

  async function workSafely(ref: OperationRef): Promise<void> {
    try {
      await workOn(ref);
    } catch (error) {
      log.warn({ err: error }, "an operation could not be worked on; it is due again by itself");
    } finally {
      going.finished();
    }
  }
  const start = (ref: OperationRef) => inFlight.start(() => workSafely(ref));

  const taker = redisUrl
    ? take({
        redisUrl,
        queues,
        start: async (refs) => {
          for (const ref of refs) await start(ref);
        },
        onError: (error) => log.debug({ err: error }, "Redis"),
      })
    : undefined;
  const sweeper = sweep({
    store,
    queues,
    slots: inFlight,
    start,
    hinted: () => taker?.isUp() ?? false,
    onError: (error) => log.warn({ err: error }, "could not look for what is due; trying again"),
  });
  const going = progress({ slots: inFlight, lastLookAt: sweeper.lastStepAt, patienceSeconds });
  onStop(`looking for ${queues}`, sweeper.stop);
  if (taker) onStop(`hints of ${queues}`, taker.close);
  live(`progress of ${queues}`, going.standstill);
}
