import { setTimeout as sleep } from "node:timers/promises";
import { backoff } from "./backoff.ts";
import type { Kind, KubeObject, ObjectOf } from "./kinds.ts";
import type { Kube, Query } from "./kube.ts";
import { isExpired, KubeError, reasonOf } from "./kube-error.ts";
import { type Handlers, ObjectCache } from "./object-cache.ts";

/**
 * The objects of one kind that fit a query, kept in memory as the API server has them, a moment late. It lists, then watches from there, and comes
 * back by itself from whatever breaks, until it is stopped.
 */
export interface Reflector<K extends Kind> {
  get(namespace: string | undefined, name: string): ObjectOf<K> | undefined;
  /** All, or those of a namespace. The objects are the cache's own: do not change them. */
  list(namespace?: string): ObjectOf<K>[];
  readonly size: number;
  /** Whether it has ever been whole. Before that, what is not found may be there. */
  readonly synced: boolean;
  /** Resolves once it is whole; rejects if it is stopped before. */
  whenSynced(): Promise<void>;
  /** Seconds since the API server last showed that this is up to date; since the start if it never has. Up to 90 when all is quiet and well. */
  stalenessSeconds(): number;
  /** Ends the watch; no handler is called afterwards. */
  stop(): Promise<void>;
}

export interface ReflectorOptions<K extends Kind> extends Query {
  /** Called in the order of changes, after the cache has changed. What they throw is told to `onTrouble`, and stops nothing. */
  handlers?: Handlers<K> | undefined;
  /** What of an object is kept; default: all but `managedFields`. Must leave name, namespace, uid and resourceVersion. */
  keep?: ((object: ObjectOf<K>) => ObjectOf<K>) | undefined;
  /** Told of what broke and is being mended, for the log. */
  onTrouble?: ((error: Error) => void) | undefined;
  /** Wait before the first retry and the longest; each is spread at random. Default 500 and 30,000. */
  backoffMs?: { first: number; most: number } | undefined;
  /** See `WatchOptions`. */
  watchSeconds?: number | undefined;
  silenceSeconds?: number | undefined;
}

/** Begins at once. Bound: what the query finds; give a label selector that only finds ours. */
export function reflect<K extends Kind>(kube: Kube, kind: K, options: ReflectorOptions<K> = {}): Reflector<K> {
  const { handlers = {}, keep = withoutManagedFields, onTrouble = () => {}, backoffMs = { first: 500, most: 30_000 } } = options;
  const stopping = new AbortController();
  const server = kube.under({ signal: stopping.signal, holds: () => !stopping.signal.aborted });
  const cache = new ObjectCache(handlers, onTrouble);
  const synced = Promise.withResolvers<void>();
  synced.promise.catch(() => {}); // who does not wait for it is not to die of it

  let isSynced = false;
  let provedAt = performance.now();
  /** The cache is what the server had then; undefined: only a list can tell. */
  let version: string | undefined;
  /** When the watch that is, or was last, was taken by the server. */
  let openedAt: number | undefined;
  /** Failures in a row, without a watch between them that was of use. */
  let failures = 0;
  const lastedMs = () => (openedAt === undefined ? 0 : performance.now() - openedAt);

  async function list(): Promise<string> {
    const found = new Set<string>();
    let listed = "";
    for await (const { items, resourceVersion } of server.pages(kind, options)) {
      listed = resourceVersion;
      for (const item of items) {
        stopping.signal.throwIfAborted(); // a handler may have asked for it
        found.add(keyOf(item));
        cache.put(keep(item));
      }
    }
    stopping.signal.throwIfAborted();
    for (const object of cache.list()) if (!found.has(keyOf(object))) cache.remove(object);
    return listed;
  }

  async function watch(resourceVersion: string): Promise<void> {
    for await (const event of server.watch(kind, { ...options, resourceVersion, seconds: options.watchSeconds })) {
      if (stopping.signal.aborted) return;
      provedAt = performance.now();
      openedAt ??= provedAt;
      if (event.type === "opened") continue;
      if (event.type === "added" || event.type === "modified") cache.put(keep(event.object));
      if (event.type === "deleted") cache.remove(event.object);
      version = event.type === "bookmark" ? event.resourceVersion : event.object.metadata.resourceVersion;
      failures = 0;
    }
    if (lastedMs() < shortestWatchMs) throw new Error(`the watch of ${kind} ended as soon as it began`);
  }

  async function follow(): Promise<void> {
    openedAt = undefined;
    if (version === undefined) {
      version = await list();
      provedAt = performance.now();
      isSynced = true;
      synced.resolve();
    }
    await watch(version);
    failures = 0;
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await follow();
      } catch (error) {
        if (stopping.signal.aborted) return;
        failures = lastedMs() > usefulWatchMs ? 1 : failures + 1;
        if (needsList(error)) version = undefined;
        onTrouble(new Error(`${kind}: ${(error as Error).message}`, { cause: error }));
        await sleep(waitMs(error), undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  function waitMs(error: unknown): number {
    if (isExpired(error) && failures === 1) return 0; // nothing is broken, we were only away for long
    const askedForMs = error instanceof KubeError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    return Math.max(backoff(backoffMs, failures), Math.min(askedForMs, backoffMs.most));
  }

  const running = run();
  return {
    get: (namespace, name) => cache.get(namespace, name),
    list: (namespace) => cache.list(namespace),
    get size() {
      return cache.size;
    },
    get synced() {
      return isSynced;
    },
    whenSynced: () => synced.promise,
    stalenessSeconds: () => (performance.now() - provedAt) / 1000,
    async stop() {
      stopping.abort();
      synced.reject(new Error(`the reflector of ${kind} was stopped before it had all`));
      await running;
    },
  };
}

/** A watch that ends well lives for most of a minute; one that ends sooner than this is turned away somewhere, and asking again at once would flood. */
const shortestWatchMs = 1000;
/** A connection that is cut after this long, again and again, is better than waiting for longer and longer between. */
const usefulWatchMs = 5000;

/** Errors that the same version would meet again: it is forgotten, or the server is behind it, as after a restore. */
function needsList(error: unknown): boolean {
  return isExpired(error) || ["Timeout", "BadRequest", "Invalid"].includes(reasonOf(error) ?? "");
}

const keyOf = ({ metadata: { namespace = "", name } }: KubeObject): string => `${namespace}/${name}`;

function withoutManagedFields<K extends Kind>(object: ObjectOf<K>): ObjectOf<K> {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
