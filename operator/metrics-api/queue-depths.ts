/** How deep a queue is, as the dispatcher of a system has counted it, and how long ago. */
export type QueueDepth = { readonly system: string; readonly queue: string; readonly depth: number; readonly ageSeconds: number };

type Report = { readonly queues: ReadonlyMap<string, number>; readonly countedAt: number };

/** Older than this, a count says nothing of now: the autoscaler must hear that it is unknown, and then leaves everything as it is. */
export const staleSeconds = 15;

/** The last counts of all systems, in memory: an answer must not wait for anything. `now` in milliseconds. */
export class QueueDepths {
  readonly #reports = new Map<string, Map<string, Report>>(); // namespace, system; as many as there are PaymentSystems
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** `countedAt`: when the dispatcher counted, in milliseconds. */
  set(namespace: string, system: string, queues: ReadonlyMap<string, number>, countedAt: number): void {
    const systems = this.#reports.get(namespace) ?? new Map<string, Report>();
    this.#reports.set(namespace, systems.set(system, { queues, countedAt }));
  }

  forget(namespace: string, system: string): void {
    const systems = this.#reports.get(namespace);
    systems?.delete(system);
    if (systems?.size === 0) this.#reports.delete(namespace);
  }

  /** Every queue of a namespace, those of an old count as well. */
  of(namespace: string): QueueDepth[] {
    const all: QueueDepth[] = [];
    for (const [system, { queues, countedAt }] of this.#reports.get(namespace) ?? []) {
      const ageSeconds = (this.#now() - countedAt) / 1000;
      for (const [queue, depth] of queues) all.push({ system, queue, depth, ageSeconds });
    }
    return all;
  }

  /** Seconds since this system's queues were last counted; undefined if they never were. */
  ageSeconds(namespace: string, system: string): number | undefined {
    const report = this.#reports.get(namespace)?.get(system);
    return report && (this.#now() - report.countedAt) / 1000;
  }
}
