import { z } from "zod";
import type { OperationRef } from "../payment/operation.ts";

/** How many operations one BullMQ job may name: one job for each payment would cost Redis more than Postgres pays for the payment. */
export const refsPerJob = 50;

/** A job names operations and nothing else, by primary key; all that matters is read from Postgres when it is taken. */
const jobData = z.object({
  refs: z
    .array(z.tuple([z.int().min(0).max(4095), z.uuid(), z.uuid()]))
    .min(1)
    .max(refsPerJob),
});

export type JobData = z.infer<typeof jobData>;

/** Cuts operations into the payloads of jobs. */
export function jobsOf(refs: readonly OperationRef[]): JobData[] {
  const jobs: JobData[] = [];
  for (let from = 0; from < refs.length; from += refsPerJob) {
    jobs.push({ refs: refs.slice(from, from + refsPerJob).map((ref) => [ref.bucket, ref.merchantId, ref.id]) });
  }
  return jobs;
}

/** What a job names. A job that is not one of ours throws, and is dropped: the operations themselves are due again by themselves. */
export function refsOf(data: unknown): OperationRef[] {
  return jobData.parse(data).refs.map(([bucket, merchantId, id]) => ({ bucket, merchantId, id }));
}

/** Round robin over merchants, each one's own order kept: who offers ten thousand at once delays only himself. */
export function inTurn<Ref extends OperationRef>(refs: readonly Ref[]): Ref[] {
  const turns = new Map<string, number>();
  const placed = refs.map((ref) => {
    const turn = turns.get(ref.merchantId) ?? 0;
    turns.set(ref.merchantId, turn + 1);
    return { ref, turn };
  });
  return placed.sort((a, b) => a.turn - b.turn).map(({ ref }) => ref);
}
