import { queueDepthPath } from "../../workloads/contract.ts";
import { askProcess } from "../ask-process.ts";
import type { Depth, QueueDepths } from "./queue-depths.ts";

export type PollOptions = {
  /** PaymentSystems that shall be asked, as they are at the moment. */
  readonly systems: () => readonly { readonly namespace: string; readonly name: string }[];
  /** Where a system's dispatcher answers that path; undefined: there is none just now. */
  readonly urlOf: (namespace: string, name: string, path: string) => string | undefined;
  /** Why what a system counts is not to be acted upon now, if so. */
  readonly holdOf?: (namespace: string, name: string) => string | undefined;
  readonly depths: QueueDepths;
  /** Hears when a system's queues become known or unknown, and every 15 s that they are others than before. */
  readonly onChange?: (namespace: string, name: string) => void;
  /** Hears once of what fails, until it has gone well again. */
  readonly onTrouble: (namespace: string, name: string, error: Error) => void;
};

const pollMs = 2_000;
const timeoutMs = 5_000; // a full node answers late, and what was counted 5 s ago is still good
const tellMs = 15_000;

type Known = { readonly namespace: string; readonly name: string; told: string; toldAt: number; isTroubled: boolean; isAsking: boolean };

/** Asks every dispatcher again and again, all at once: one that hangs delays none of the others. */
export function pollDepths(options: PollOptions): { stop(): void } {
  const { systems, urlOf, holdOf = () => undefined, depths, onChange = () => {}, onTrouble } = options;
  const known = new Map<string, Known>(); // as many as there are systems

  async function ask({ namespace, name }: Known): Promise<void> {
    const url = urlOf(namespace, name, queueDepthPath);
    if (url === undefined) return;
    const { at, queues } = JSON.parse(await askProcess(url, AbortSignal.timeout(timeoutMs))) as Answer;
    if (at !== null) depths.set(namespace, name, new Map(Object.entries(queues)), Date.parse(at)); // null: not counted yet
  }

  async function look(one: Known): Promise<void> {
    if (one.isAsking) return;
    one.isAsking = true;
    try {
      await ask(one);
      one.isTroubled = false;
    } catch (error) {
      if (!one.isTroubled) onTrouble(one.namespace, one.name, error as Error);
      one.isTroubled = true;
    } finally {
      one.isAsking = false;
    }
  }

  function tell(one: Known): void {
    const now = depths.ofSystem(one.namespace, one.name);
    const isKnown = now.length > 0 && now.every(({ unknown }) => unknown === undefined);
    const news = isKnown ? JSON.stringify(now) : "";
    const hasTurned = (news === "") !== (one.told === "");
    if (news === one.told || (!hasTurned && performance.now() - one.toldAt < tellMs)) return;
    one.told = news;
    one.toldAt = performance.now();
    onChange(one.namespace, one.name);
  }

  function round(): void {
    const now = new Set<string>();
    for (const { namespace, name } of systems()) {
      const key = `${namespace}/${name}`;
      now.add(key);
      const one = known.get(key) ?? { namespace, name, told: "", toldAt: Number.NEGATIVE_INFINITY, isTroubled: false, isAsking: false };
      known.set(key, one);
      depths.hold(namespace, name, holdOf(namespace, name));
      tell(one);
      void look(one);
    }
    for (const [key, { namespace, name }] of known) {
      if (now.has(key)) continue;
      known.delete(key);
      depths.forget(namespace, name);
    }
  }

  const timer = setInterval(round, pollMs);
  round();
  return { stop: () => clearInterval(timer) };
}

type Answer = { readonly at: string | null; readonly queues: { readonly [queue: string]: Depth } };
