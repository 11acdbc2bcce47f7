import { Refusal } from "./problem.ts";

/** How many requests of one merchant a process has in hand at once: who waits for many slow answers leaves room for others. */
export class Concurrency {
  readonly #inHand = new Map<string, number>(); // as many as there are merchants with a request in flight
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a place, or refuses. The answer gives the place back, and is called once. */
  enter(merchantId: string): () => void {
    const inHand = this.#inHand.get(merchantId) ?? 0;
    if (inHand >= this.#most) {
      const detail = `You have ${this.#most} requests in flight here already. Nothing was done; send this one again when one of them was answered.`;
      throw new Refusal({ code: "too_many_in_flight", detail }, { headers: { "retry-after": "1" } });
    }
    this.#inHand.set(merchantId, inHand + 1);
    return () => {
      const left = this.#inHand.get(merchantId)! - 1;
      if (left > 0) this.#inHand.set(merchantId, left);
      else this.#inHand.delete(merchantId);
    };
  }
}
