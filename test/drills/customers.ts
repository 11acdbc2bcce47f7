import { once } from "node:events";
import { Worker } from "node:worker_threads";

/** Who pays: the merchants' keys, in turns. `patienceSeconds`: how long a customer who is refused goes on, as he is told to. */
export type Payers = { readonly api: string; readonly secretKeys: readonly string[]; readonly patienceSeconds: number };
export type Pace = { readonly perSecond: number; readonly seconds: number };

export type Outcome = {
  /** Of each accepted request, how long it took. */
  readonly millis: number[];
  readonly refusals: { readonly code: string; readonly retryAfter: number }[];
  givenUp: number;
  mostTries: number;
  /** Keys and payments. */
  readonly accepted: [key: string, payment: string][];
};

/** Customers in a thread of their own: what the others' garbage costs the load generator is nobody's waiting. */
export interface Customers extends AsyncDisposable {
  pay(pace: Pace): Promise<Outcome>;
}

export function customersOf(payers: Payers): Customers {
  const thread = new Worker(new URL("./customers-thread.ts", import.meta.url), { workerData: payers });
  return {
    async pay(pace) {
      thread.postMessage(pace);
      const [outcome] = await once(thread, "message");
      return outcome as Outcome;
    },
    async [Symbol.asyncDispose]() {
      await thread.terminate();
    },
  };
}
