import type { ClaimedOperation, OperationRef } from "../payment/operation.ts";
import type { Consequence } from "../provider/outcome.ts";
import type { Store } from "../store/store.ts";
import { persistently } from "./persistently.ts";

export type WorkDeps = {
  store: Pick<Store, "claim" | "settle" | "postpone">;
  /** Asks the provider, and says what is to be written of it. */
  perform: (claimed: ClaimedOperation) => Promise<Consequence>;
  onWritten: (claimed: ClaimedOperation, consequence: Consequence) => void;
  /** Another worker has it by now: nothing was written. */
  onLeaseLost: (claimed: ClaimedOperation) => void;
  leaseSeconds: number;
  /** The longest that `perform` may take. */
  performSeconds: number;
};

/**
 * Performs one operation and records what came of it. The queue may hand it to us twice, or again after a crash on any line: the
 * provider sees one key, and only the holder of the fence writes.
 */
export async function work(ref: OperationRef, deps: WorkDeps): Promise<void> {
  const { store, perform, leaseSeconds, performSeconds } = deps;
  const start = performance.now();
  const claimed = await store.claim(ref);
  if (!claimed) return; // another holds it, or it is settled

  const leaseEnds = start + leaseSeconds * 1000;
  if (leaseEnds - performance.now() < performSeconds * 1000) return; // we were stopped since: the call could outlive the lease

  const consequence = await perform(claimed);
  // Past the lease, somebody else asks the provider again.
  const written = await persistently(() => write(store, claimed, consequence), leaseEnds);
  if (written) deps.onWritten(claimed, consequence);
  else deps.onLeaseLost(claimed);
}

function write(store: WorkDeps["store"], claimed: ClaimedOperation, consequence: Consequence): Promise<boolean> {
  switch (consequence.kind) {
    case "settle":
      return store.settle(claimed, consequence.settlement);
    case "postpone":
      return store.postpone(claimed, consequence.postponement);
  }
}
