import { ports, queueDepthPath } from "../../workloads/contract.ts";
import type { QueueDepths } from "./queue-depths.ts";

export type PollOptions = {
  /** PaymentSystems that shall be asked, as they are at the moment. */
  readonly systems: () => readonly { readonly namespace: string; readonly name: string }[];
  /** Where a system's dispatcher tells how deep its queues are; default: its Service. */
  readonly urlOf?: (namespace: string, name: string) => string;
  readonly depths: QueueDepths;
  readonly onTrouble: (namespace: string, name: string, error: Error) => void;
};

const pollMs = 2_000;
const timeoutMs = 1_500;

export const dispatcherUrl = (namespace: string, name: string): string =>
  `http://${name}-dispatcher.${namespace}.svc:${ports.management}${queueDepthPath}`;

/** Asks every dispatcher again and again, all at once: one that hangs delays none of the others. */
export function pollDepths({ systems, urlOf = dispatcherUrl, depths, onTrouble }: PollOptions): { stop(): void } {
  const asking = new Set<string>(); // as many as there are systems
  const known = new Map<string, { namespace: string; name: string }>();

  async function ask(namespace: string, name: string): Promise<void> {
    const answer = await fetch(urlOf(namespace, name), { signal: AbortSignal.timeout(timeoutMs) });
    if (!answer.ok) throw new Error(`the dispatcher answers ${answer.status}`);
    const { at, queues } = (await answer.json()) as { at: string | null; queues: { [queue: string]: { depth: number } } };
    if (at === null) return; // not counted yet
    depths.set(namespace, name, new Map(Object.entries(queues).map(([queue, { depth }]) => [queue, depth])), Date.parse(at));
  }

  function look(): void {
    const now = new Set<string>();
    for (const { namespace, name } of systems()) {
      const key = `${namespace}/${name}`;
      now.add(key);
      known.set(key, { namespace, name });
      if (asking.has(key)) continue;
      asking.add(key);
      ask(namespace, name)
        .catch((error) => onTrouble(namespace, name, error))
        .finally(() => asking.delete(key));
    }
    for (const [key, { namespace, name }] of known) {
      if (now.has(key)) continue;
      known.delete(key);
      depths.forget(namespace, name);
    }
  }

  const timer = setInterval(look, pollMs);
  look();
  return { stop: () => clearInterval(timer) };
}
