/** Who lately asks for more than others do. It forgets half of everything every few seconds, and those of whom hardly anything is left. */
export class FairShare {
  #counts = new Map<string, number>();
  #total = 0;
  #halvedAt: number;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
    this.#halvedAt = now();
  }

  /** Counts a request of a merchant, and says whether he asks for more than his share: clearly more than the mean, or there is nobody else. */
  isExceededBy(merchantId: string): boolean {
    this.#forget();
    const count = (this.#counts.get(merchantId) ?? 0) + 1;
    this.#counts.set(merchantId, count);
    this.#total += 1;
    return this.#counts.size === 1 || count > tolerance * (this.#total / this.#counts.size);
  }

  #forget(): void {
    const at = this.#now();
    if (at - this.#halvedAt < halfLifeMs) return;
    const factor = 0.5 ** Math.floor((at - this.#halvedAt) / halfLifeMs);
    this.#halvedAt = at;
    this.#total = 0;
    for (const [merchantId, count] of this.#counts) {
      const left = count * factor;
      if (left < 0.5) this.#counts.delete(merchantId);
      else {
        this.#counts.set(merchantId, left);
        this.#total += left;
      }
    }
  }
}

const halfLifeMs = 5_000;
const tolerance = 1.25;
