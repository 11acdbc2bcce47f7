import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { kinds } from "./kinds.ts";
import type { Kube } from "./kube.ts";
import { reasonOf } from "./kube-error.ts";

export interface EventRecorder {
  /**
   * Tells people about an object, in `kubectl describe` and `kubectl events`. The same again raises the count of the first, at most once in five minutes.
   * Never throws and is not waited for: an event may be lost, so nothing may depend on it.
   */
  record(about: About, news: News): void;
  /** Resolves when what was recorded so far is written or given up. */
  flush(): Promise<void>;
}

export interface About {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string | undefined; uid: string };
}
export interface News {
  type: "Normal" | "Warning";
  /** One word in CamelCase, that stands for one thing only. */
  reason: string;
  /** Longer than 1000 bytes is cut. */
  message: string;
}

export interface EventRecorderOptions {
  /** Who reports: `satang.dev/operator`. */
  controller: string;
  /** Which of its processes. */
  instance: string;
  onTrouble?: ((error: Error) => void) | undefined;
}

const quietMs = 5 * 60_000; // what is so for hours is news once, not at each pass
const mostKnown = 2000;
const longestBacklog = 200;

export function eventRecorder(kube: Kube, options: EventRecorderOptions): EventRecorder {
  const known = new LRUCache<string, Known>({ max: mostKnown });
  let writing = Promise.resolve(); // one after another: events are not worth more than one connection
  let backlog = 0;

  function record(about: About, news: News): void {
    const name = nameOf(about, news);
    const of = known.get(name) ?? { untold: 0, toldAt: Number.NEGATIVE_INFINITY };
    known.set(name, of);
    of.untold++;
    if (performance.now() - of.toldAt < quietMs || backlog >= longestBacklog) return;
    const count = of.untold;
    of.untold = 0;
    of.toldAt = performance.now();
    backlog++;
    writing = writing.then(() => write({ ...eventOf(about, news, options), metadata: { name, namespace: namespaceOf(about) } }, count));
  }

  async function write(event: NewEvent, count: number): Promise<void> {
    try {
      await kube.create(event).catch(async (error) => {
        if (reasonOf(error) !== "AlreadyExists") throw error;
        const first = await kube.get("Event", event.metadata);
        const series = { count: (first?.series?.count ?? 1) + count, lastObservedTime: event.eventTime };
        await kube.patch("Event", event.metadata, { series });
      });
    } catch (error) {
      options.onTrouble?.(new Error(`event ${event.reason} is lost: ${(error as Error).message}`, { cause: error }));
    } finally {
      backlog--;
    }
  }

  return { record, flush: () => writing };
}

interface Known {
  toldAt: number;
  /** How often since then. */
  untold: number;
}

type NewEvent = ReturnType<typeof eventOf> & { metadata: { name: string; namespace: string } };

/** The same for the same news, so that an operator that was started again finds what it told before. */
function nameOf({ metadata: { name, uid } }: About, { type, reason, message }: News): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([uid, type, reason, message]))
    .digest("hex");
  return `${name.slice(0, 200)}.${hash.slice(0, 16)}`;
}

const namespaceOf = ({ metadata }: About): string => metadata.namespace ?? "default";

function eventOf({ apiVersion, kind, metadata }: About, { type, reason, message }: News, { controller, instance }: EventRecorderOptions) {
  return {
    apiVersion: kinds.Event.apiVersion,
    kind: "Event" as const,
    eventTime: new Date().toISOString().replace("Z", "000Z"), // the server refuses a time without six digits
    reportingController: controller,
    reportingInstance: instance,
    action: "Reconcile",
    type,
    reason,
    note: Buffer.from(message).subarray(0, 1000).toString(),
    regarding: { apiVersion, kind, name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
  };
}
