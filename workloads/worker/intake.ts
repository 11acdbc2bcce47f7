import type { OperationRef, Queue } from "../payment/operation.ts";
import { take } from "../queue/take.ts";
import type { Shards } from "../store/shards.ts";
import type { Store } from "../store/store.ts";
import type { Context } from "../telemetry/lifecycle.ts";
import { type Lane, openLanes } from "./lanes.ts";
import { progress } from "./progress.ts";
import { sweep } from "./sweep.ts";

export type IntakeOptions = {
  readonly queues: readonly Queue[];
  readonly shards: Shards;
  readonly redisUrl: string | undefined;
  /** Operations in flight at once. */
  readonly concurrency: number;
  /** Must not hold an operation for longer than the patience. `store`: of the shard that has it. */
  readonly workOn: (ref: OperationRef, store: Store) => Promise<void>;
  readonly patienceSeconds: number;
};

/** Takes what is due in some queues, by hints and by looking, and works on it in slots that nothing else uses. */
export function intake(options: IntakeOptions, { log, live, onStop }: Pick<Context<unknown>, "log" | "live" | "onStop">): void {
  const { queues, shards, redisUrl, concurrency, workOn, patienceSeconds } = options;
  const lanes = openLanes(shards.all, concurrency);
  onStop(`${queues} in flight`, lanes.idle);

  async function workSafely(ref: OperationRef, store: Store): Promise<void> {
    try {
      await workOn(ref, store);
    } catch (error) {
      log.warn({ err: error }, "an operation could not be worked on; it is due again by itself");
    } finally {
      going.finished();
    }
  }
  const start = (ref: OperationRef, { store, slots, isStuck }: Lane) => slots.start(() => workSafely(ref, store), isStuck);

  const taker = redisUrl
    ? take({
        redisUrl,
        queues,
        async start(refs) {
          for (const ref of refs) await start(ref, lanes.all[shards.known(ref.bucket) ?? (await shards.shardOf(ref.bucket))]!);
        },
        onError: (error) => log.debug({ err: error }, "Redis"),
      })
    : undefined;
  const sweepers = lanes.all.map((lane) =>
    sweep({
      store: lane.store,
      queues,
      slots: lane.slots,
      start: (ref) => start(ref, lane),
      hinted: () => taker?.isUp() ?? false,
      onError: (error) => log.warn({ err: error }, "could not look for what is due; trying again"),
    }),
  );
  const lastLookAt = () => Math.max(...sweepers.map((sweeper) => sweeper.lastStepAt()));
  const going = progress({ slots: lanes, lastLookAt, patienceSeconds });
  onStop(`looking for ${queues}`, () => Promise.all(sweepers.map((sweeper) => sweeper.stop())));
  if (taker) onStop(`hints of ${queues}`, taker.close);
  live(`progress of ${queues}`, going.standstill);
}
