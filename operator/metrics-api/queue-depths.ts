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

  /** The queues of a namespace that are meant, those of an old count as well. */
  of(namespace: string, isMeant: (labels: { readonly system: string; readonly queue: string }) => boolean = () => true): QueueDepth[] {
    const systems = this.#reports.get(namespace) ?? new Map<string, Report>();
    return [...systems].flatMap(([system, { queues, countedAt }]) =>
      [...queues]
        .filter(([queue]) => isMeant({ system, queue }))
        .map(([queue, depth]) => {
          const unknown = this.#held.get(`${namespace}/${system}`) ?? this.#staleness(system, queue, countedAt);
          return { system, queue, ...depth, ...(unknown && { unknown }) };
        }),
    );
  }

  /** Every queue of a system; none: it was never counted. */
  ofSystem(namespace: string, name: string): QueueDepth[] {
    return this.of(namespace, ({ system }) => system === name);
  }

  // The moment and not the age: the same words each time are one event, and no new status.
  #staleness(system: string, queue: string, countedAt: number): string | undefined {
    if (this.#now() - countedAt <= staleSeconds * 1000) return undefined;
    const at = new Date(countedAt).toISOString().slice(11, 19);
    return `queue ${queue} of PaymentSystem ${system} was last counted at ${at} UTC: is its dispatcher running?`;
  }
}
