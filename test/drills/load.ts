import type { Merchant } from "../workloads/crash/merchant.ts";

export type Load = { readonly done: Promise<void>; readonly begun: () => number };

type LoadOptions = { readonly payments: number; readonly perSecond: number; readonly clients: number; readonly keyPrefix: string };

/** So many payments at a steady pace, by clients who insist on each. Where the system falls behind, so does the pace, and it catches up. */
export function startLoad(merchant: Merchant, { payments, perSecond, clients, keyPrefix }: LoadOptions): Load {
  const start = performance.now();
  let begun = 0;
  async function client(): Promise<void> {
    while (begun < payments) {
      const number = begun++;
      const dueInMs = start + (number / perSecond) * 1000 - performance.now();
      if (dueInMs > 1) await new Promise((resolve) => setTimeout(resolve, dueInMs));
      await merchant.insist(`${keyPrefix}-${number}`, { withinSeconds: 120 });
    }
  }
  return { done: Promise.all(Array.from({ length: clients }, client)).then(() => {}), begun: () => begun };
}
