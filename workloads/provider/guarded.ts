import {
  BulkheadRejectedError,
  bulkhead,
  CircuitState,
  circuitBreaker,
  ExponentialBackoff,
  handleWhenResult,
  isBrokenCircuitError,
  isTaskCancelledError,
  SamplingBreaker,
  TimeoutStrategy,
  timeout,
} from "cockatiel";
import { leaseSeconds as defaultLease, providerTimeoutSeconds } from "../contract.ts";
import type { MoneyKind } from "../payment/operation.ts";
import type { Adapter, Found, NoAnswer, Provider, Reply } from "./provider.ts";

export type BreakerState = "closed" | "half_open" | "open";

/** Hears how calls went, for metrics. */
export type ProviderObserver = {
  onCall(call: { provider: string; operation: MoneyKind | "find"; outcome: Reply["kind"] | Found["kind"]; seconds: number }): void;
  onBreaker(provider: string, state: BreakerState): void;
};

export type GuardOptions = {
  /** Calls at once; more are not sent. */
  readonly slots: number;
  readonly timeoutSeconds?: number;
  /** For how long an operation is claimed: a look-up and a call must end within it. */
  readonly leaseSeconds?: number;
  /** Opens when more than half of at least `calls` calls within `seconds` ended unknown; tries again after `pauseMs`, then ever later. */
  readonly breaker?: { readonly seconds: number; readonly calls: number; readonly pauseMs: number };
  readonly observer?: ProviderObserver;
};

/**
 * Puts a guard around an adapter: a bulkhead, a circuit breaker, a timeout, from outside to inside. The breaker counts what ended
 * unknown, and nothing else: a decline or a request to wait is a provider that works.
 */
export function guarded(adapter: Adapter, options: GuardOptions): Provider {
  const { slots, timeoutSeconds = providerTimeoutSeconds, leaseSeconds = defaultLease, breaker, observer } = options;
  if (2 * timeoutSeconds >= leaseSeconds) {
    throw new RangeError(`a look-up and a call of ${timeoutSeconds} s each do not fit into a lease of ${leaseSeconds} s`);
  }
  const { name, capabilities } = adapter;
  const room = bulkhead(slots, 0);
  const inTime = timeout(timeoutSeconds * 1000, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });
  const circuit = circuitOf(breaker ?? { seconds: 10, calls: 10, pauseMs: 1_000 });
  circuit.onStateChange((state) => observer?.onBreaker(name, shown(state)));
  observer?.onBreaker(name, "closed");
  let probing = 0;

  async function guard<T extends Reply | Found>(
    operation: MoneyKind | "find",
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | NoAnswer> {
    const start = performance.now();
    const heard = await room.execute(() => throughCircuit(ask)).catch(noAnswerOf);
    observer?.onCall({ provider: name, operation, outcome: heard.kind, seconds: (performance.now() - start) / 1000 });
    return heard;
  }

  async function throughCircuit<T extends Reply | Found>(ask: (signal: AbortSignal) => Promise<T>): Promise<T | NoAnswer> {
    // The breaker would let the others wait for its probes, and they would outstay their timeout.
    if (circuit.state === CircuitState.HalfOpen && probing >= probes)
      return { kind: "not_sent", reason: "the circuit breaker is half open" };
    probing += 1;
    try {
      return await circuit.execute(() => inTime.execute(({ signal }) => ask(signal)).catch(noAnswerOf));
    } finally {
      probing -= 1;
    }
  }

  return {
    name,
    capabilities,
    send: (call) => guard<Reply>(call.kind, (signal) => adapter.send(call, signal)),
    find: (call) => guard<Found>("find", (signal) => adapter.find(call, signal)),
    close: () => adapter.close(),
  };

  function noAnswerOf(error: unknown): NoAnswer {
    if (error instanceof BulkheadRejectedError) return { kind: "not_sent", reason: `all ${slots} slots for ${name} are taken` };
    if (isBrokenCircuitError(error)) return { kind: "not_sent", reason: "the circuit breaker is open" };
    if (isTaskCancelledError(error)) return { kind: "unknown", reason: `no answer in ${timeoutSeconds} s` };
    // An adapter that throws broke its promise; the call may have been made all the same.
    return { kind: "unknown", reason: `the adapter failed: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** How many calls try whether a provider is back. */
const probes = 3;

function circuitOf({ seconds, calls, pauseMs }: NonNullable<GuardOptions["breaker"]>) {
  return circuitBreaker(
    handleWhenResult((heard) => (heard as Reply | Found).kind === "unknown"),
    {
      breaker: new SamplingBreaker({ threshold: 0.5, duration: seconds * 1000, minimumRps: calls / seconds }),
      halfOpenAfter: new ExponentialBackoff({ initialDelay: pauseMs, maxDelay: Math.max(30_000, pauseMs) }),
      halfOpenSampling: { calls: probes, threshold: 0.4 }, // one of three may fail
    },
  );
}

function shown(state: CircuitState): BreakerState {
  switch (state) {
    case CircuitState.Closed:
      return "closed";
    case CircuitState.HalfOpen:
      return "half_open";
    case CircuitState.Open:
    case CircuitState.Isolated:
      return "open";
  }
}
