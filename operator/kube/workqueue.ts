import { backoff } from "./backoff.ts";
import type { WorkqueueMetrics } from "./workqueue-metrics.ts";

/**
 * Keys that need work. A key is worked on by one at a time; added while it waits it is still one, added while it is worked on
 * it is worked on once more afterwards. (As client-go's.)
 */
export interface Workqueue {
  /** Now, or as soon as it is free. False if the queue is full or stopped; then nothing was added. */
  add(key: string): boolean;
  /** Not before `seconds` have gone by; of several the earliest counts. */
  addAfter(key: string, seconds: number): boolean;
  /** Keys that wait to be taken, without those of later. */
  readonly depth: number;
  /** Takes no more; resolves when what is under way has ended. */
  stop(): Promise<void>;
}

export interface WorkqueueOptions {
  /** In metrics. */
  name: string;
  /** What it returns says when to come again. What it throws is told to `onFailure` and tried again after the key's backoff, which doubles until it succeeds. */
  work: (key: string) => Promise<Again>;
  onFailure?: ((key: string, error: unknown, retrySeconds: number) => void) | undefined;
  /** Keys worked on at once. Default 4. */
  concurrency?: number | undefined;
  /** Backoff of a key that fails; each is spread at random. Default 0.5 and 300 seconds. */
  backoffSeconds?: { first: number; most: number } | undefined;
  /** Most keys that it holds, waiting, later, failing and under way together. Default 10,000. */
  maxKeys?: number | undefined;
  metrics?: WorkqueueMetrics | undefined;
}

export type Again = "never" | { afterSeconds: number };

export function workqueue(options: WorkqueueOptions): Workqueue {
  const {
    name,
    work,
    onFailure = () => {},
    concurrency = 4,
    backoffSeconds = { first: 0.5, most: 300 },
    maxKeys = 10_000,
    metrics,
  } = options;
  const keys = new Map<string, State>();
  const waiting = new Set<string>(); // in the order in which they came
  const running = new Set<Promise<void>>();
  let stopped = false;

  /** The key's state, new if there is room. */
  function stateOf(key: string): State | undefined {
    const known = keys.get(key);
    if (known || stopped) return stopped ? undefined : known;
    if (keys.size >= maxKeys) {
      metrics?.refused.inc({ name });
      return undefined;
    }
    const state: State = { failures: 0 };
    keys.set(key, state);
    return state;
  }

  function add(key: string): boolean {
    const state = stateOf(key);
    if (!state) return false;
    if (state.addedAt !== undefined) return true; // one is enough
    state.addedAt = performance.now();
    metrics?.adds.inc({ name });
    if (!state.isWorkedOn) wait(key);
    return true;
  }

  function wait(key: string): void {
    waiting.add(key);
    metrics?.depth.set({ name }, waiting.size);
    takeNext();
  }

  function addAfter(key: string, seconds: number): boolean {
    const state = stateOf(key);
    if (!state) return false;
    const dueAt = performance.now() + seconds * 1000;
    if (state.later && state.later.dueAt <= dueAt) return true;
    clearTimeout(state.later?.timer);
    const due = () => {
      delete state.later;
      add(key);
    };
    state.later = { dueAt, timer: setTimeout(due, Math.min(seconds * 1000, longestTimerMs)) };
    return true;
  }

  function takeNext(): void {
    if (running.size >= concurrency) return;
    const [key] = waiting;
    if (key === undefined) return;
    waiting.delete(key);
    metrics?.depth.set({ name }, waiting.size);
    const run: Promise<void> = perform(key, keys.get(key)!).finally(() => {
      running.delete(run);
      takeNext();
    });
    running.add(run);
  }

  async function perform(key: string, state: State): Promise<void> {
    const beganAt = performance.now();
    metrics?.waited.observe({ name }, (beganAt - (state.addedAt ?? beganAt)) / 1000);
    delete state.addedAt;
    state.isWorkedOn = true;
    try {
      const again = await work(key);
      state.failures = 0;
      if (again !== "never") addAfter(key, again.afterSeconds);
    } catch (error) {
      state.failures++;
      const retrySeconds = backoff(backoffSeconds, state.failures);
      metrics?.retries.inc({ name });
      addAfter(key, retrySeconds);
      onFailure(key, error, retrySeconds);
    } finally {
      metrics?.worked.observe({ name }, (performance.now() - beganAt) / 1000);
      state.isWorkedOn = false;
      if (state.addedAt !== undefined && !stopped) wait(key);
      else if (!state.later) keys.delete(key);
    }
  }

  return {
    add,
    addAfter,
    get depth() {
      return waiting.size;
    },
    async stop() {
      stopped = true;
      waiting.clear();
      for (const { later } of keys.values()) clearTimeout(later?.timer);
      await Promise.all(running);
    },
  };
}

/** What is known of a key; without any of these it is forgotten. */
interface State {
  failures: number;
  isWorkedOn?: boolean;
  /** When it was asked for; once it is taken, not any more. */
  addedAt?: number;
  later?: { dueAt: number; timer: NodeJS.Timeout };
}

/** Node's timers take no more than 24 days, and coming too early does no harm. */
const longestTimerMs = 2 ** 31 - 1;
