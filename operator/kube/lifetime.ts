import type { Fence } from "./fence.ts";
import { KubeError } from "./kube-error.ts";

/** What ends one request before its time: silence, or a fence that falls. */
export interface Lifetime {
  /** Aborted with the `KubeError` that says why. */
  readonly signal: AbortSignal;
  /** Throws if it is over. Asked before each step that has an effect. */
  check(): void;
  /** It lasts so many seconds from now. */
  extend(seconds: number): void;
  /** Must be called at the end: else a fence that lives long would remember every request. */
  end(): void;
}

export function lifetime(what: string, seconds: number, fences: readonly Fence[]): Lifetime {
  const life = new AbortController();
  const endAfter = (seconds: number) =>
    setTimeout(() => {
      life.abort(new KubeError(`${what}: nothing was heard for ${seconds} s`, { code: 0, reason: "NoAnswerInTime" }));
    }, seconds * 1000);
  const fall = () => life.abort(new KubeError(`${what}: no longer ours to ask`, { code: 0, reason: "Fenced" }));

  let silence = endAfter(seconds);
  for (const { signal } of fences) signal.addEventListener("abort", fall);
  return {
    signal: life.signal,
    check() {
      if (!fences.every((fence) => fence.holds() && !fence.signal.aborted)) fall();
      life.signal.throwIfAborted();
    },
    extend(seconds) {
      clearTimeout(silence);
      silence = endAfter(seconds);
    },
    end() {
      clearTimeout(silence);
      for (const { signal } of fences) signal.removeEventListener("abort", fall);
    },
  };
}
