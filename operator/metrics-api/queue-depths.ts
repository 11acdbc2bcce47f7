/** How deep a queue is: operations that are due or in flight, and the age of the oldest. */
export type Depth = { readonly depth: number; readonly oldestSeconds: number };
/** The same of one system, as its dispatcher has counted it. `unknown`: why that says nothing of now. */
export type QueueDepth = Depth & { readonly system: string; readonly queue: string; readonly unknown?: string };

type Report = { readonly queues: ReadonlyMap<string, Depth>; readonly countedAt: number };

/** Older than this, a count says nothing of now: the autoscaler must hear that it is unknown, and then leaves everything as it is. */
export const staleSeconds = 15;

/** The last counts of all systems, in memory: an answer must not wait for anything. `now` in milliseconds. */
export class QueueDepths {
  readonly #reports = new Map<string, Map<string, Report>>(); // namespace, system; as many as there are PaymentSystems
  readonly #held = new Map<string, string>(); // namespace/system; those of them that have no primary
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** `countedAt`: when the dispatcher counted, in milliseconds. */
  set(namespace: string, system: string, queues: ReadonlyMap<string, Depth>, countedAt: number): void {
    const systems = this.#reports.get(namespace) ?? new Map<string, Report>();
    this.#reports.set(namespace, systems.set(system, { queues, countedAt }));
  }

  /** While there is a `reason`, what is counted is not to be acted upon, however new it is. */
  hold(namespace: string, system: string, reason: string | undefined): void {
    if (reason === undefined) this.#held.delete(`${namespace}/${system}`);
    else this.#held.set(`${namespace}/${system}`, reason);
  }

  forget(namespace: string, system: string): void {
    this.hold(namespace, system, undefined);
    const systems = this.#reports.get(namespace);
    systems?.delete(system);
    if (systems?.size === 0) this.#reports.delete(namespace);
  }

  /** Every queue of a namespace, those of an old count as well. */
  of(namespace: string): QueueDepth[] {
    return [...(this.#reports.get(namespace)?.keys() ?? [])].flatMap((system) => this.ofSystem(namespace, system));
  }

  /** Every queue of a system; none: it was never counted. */
  ofSystem(namespace: string, system: string): QueueDepth[] {
    const report = this.#reports.get(namespace)?.get(system);
    if (!report) return [];
    const isStale = this.#now() - report.countedAt > staleSeconds * 1000;
    const held = this.#held.get(`${namespace}/${system}`);
    return [...report.queues].map(([queue, depth]) => {
      const unknown = held ?? (isStale ? staleMessage(system, queue, report.countedAt) : undefined);
      return { system, queue, ...depth, ...(unknown && { unknown }) };
    });
  }
}

// The moment and not the age: the same words each time are one event, and no new status.
const staleMessage = (system: string, queue: string, countedAt: number): string =>
  `queue ${queue} of PaymentSystem ${system} was last counted at ${new Date(countedAt).toISOString().slice(11, 19)} UTC: is its dispatcher running?`;
