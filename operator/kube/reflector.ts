import type { Kind, ObjectOf } from "./kinds.ts";
import type { Kube, Query } from "./kube.ts";

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
  /** Seconds since the API server last showed that this is up to date; since the start if it never has. About 60 when all is quiet and well. */
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

/** Deletions that happened while nobody watched are found by the next list, and told like the others. */
export interface Handlers<K extends Kind> {
  add?(object: ObjectOf<K>): void;
  /** Also told when nothing but the version differs. */
  update?(object: ObjectOf<K>, before: ObjectOf<K>): void;
  delete?(object: ObjectOf<K>): void;
}

/** Begins at once. Bound: what the query finds; give a label selector that only finds ours. */
export declare function reflect<K extends Kind>(kube: Kube, kind: K, options?: ReflectorOptions<K>): Reflector<K>;
