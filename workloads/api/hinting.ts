import type { OperationRef } from "../payment/operation.ts";

export type Hinting = { hint(refs: readonly OperationRef[]): void; end(): Promise<void> };

// Beyond this Redis is much slower than we are: what is dropped here is due again after the visibility.
const maxPending = 5_000;

/** Gathers hints while the ones before them are on their way, so that one job names many operations. Nobody waits for it. */
export function hinting(send: (refs: readonly OperationRef[]) => Promise<unknown>): Hinting {
  let pending: OperationRef[] = [];
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    await new Promise(setImmediate); // those that one commit accepted come in one turn
    while (pending.length > 0) {
      const refs = pending;
      pending = [];
      await send(refs);
    }
    sending = undefined;
  }

  return {
    hint(refs) {
      if (pending.length < maxPending) pending.push(...refs);
      sending ??= sendAll();
    },
    end: async () => sending,
  };
}
