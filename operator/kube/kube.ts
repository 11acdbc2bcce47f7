import type { Fence } from "./fence.ts";
import type { Json, Kind, KubeObject, ObjectOf } from "./kinds.ts";

/**
 * The API server. Every call throws `KubeError`, and ends within `requestSeconds` (30) but for watches. 429, and 5xx with `Retry-After`, are
 * waited out if they ask for 10 seconds at most; reads are asked once more when their connection breaks. Everything else is left to the caller, who comes again.
 * What is asked of a kind that kinds.ts does not know, or of an object without its name, is a plain error: no cluster can mend that.
 */
export interface Kube {
  /** The object, or undefined if it is not there. */
  get<K extends Kind>(kind: K, name: Name): Promise<ObjectOf<K> | undefined>;
  /** All objects that fit, as they were at one moment. Read from the API server: for what a pass needs often there is `Reflector`. */
  list<K extends Kind>(kind: K, query?: Query): Promise<ObjectOf<K>[]>;
  /** The same page by page, so that they need not all be in memory. Throws reason `Expired` if it takes so long that the server forgets that moment. */
  pages<K extends Kind>(kind: K, query?: Query): AsyncGenerator<Page<K>>;
  /** What changes after `resourceVersion`, until the server ends the watch. Throws reason `Expired` or `Gone` if the server no longer knows that moment. */
  watch<K extends Kind>(kind: K, options: WatchOptions): AsyncGenerator<WatchEvent<K>>;

  /** Throws reason `AlreadyExists` if it is there. */
  create<T extends Intent>(object: T, options?: WriteOptions): Promise<Told<T>>;
  /** Writes the whole object; throws reason `Conflict` if it has changed since the `resourceVersion` that it carries. */
  replace<T extends Intent>(object: T, options?: WriteOptions): Promise<Told<T>>;
  /**
   * Server-side apply: the fields given become ours, fields that we gave before and not now go, others stay as they are.
   * Without `force`, a field with another value that somebody else owns is reason `Conflict`; `causes` names each.
   */
  apply<T extends Intent>(object: T, options: ApplyOptions): Promise<Told<T>>;
  /** A merge patch, or as a list a JSON patch. Throws reason `NotFound` if the object is not there. */
  patch<K extends Kind>(kind: K, name: Name, patch: object | JsonPatch, options?: PatchOptions): Promise<ObjectOf<K>>;
  /** Asks for its deletion; it is not gone before its finalizers are. What is not there (any more) is fine. A precondition that fails is reason `Conflict`. */
  delete(kind: Kind, name: Name, options?: DeleteOptions): Promise<void>;

  /** The same API server over the same connections, for as long as the right to act holds: then each call is reason `Fenced`, and what is under way is cut. */
  under(fence: Fence): Kube;
  /** The same, for calls that are of no use after so many seconds. */
  within(requestSeconds: number): Kube;
}

/** Of objects that are not in a namespace, only the name. */
export interface Name {
  namespace?: string | undefined;
  name: string;
}

export interface Query {
  /** Left out: all namespaces. */
  namespace?: string | undefined;
  /** As kubectl takes it: `app=shop,tier!=cache`. */
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Objects a page; default 100. Fewer is less memory: while a page is read it is there three times over. */
  pageSize?: number | undefined;
}

export interface Page<K extends Kind> {
  items: ObjectOf<K>[];
  /** The moment at which they were so; the same on every page. */
  resourceVersion: string;
}

export interface WatchOptions extends Omit<Query, "pageSize"> {
  resourceVersion: string;
  /**
   * After this the server ends the watch well; default 45, spread by as much again so that watches do not end together. It is the only sign of
   * life that is sure: of a kind of which nothing changes in the whole cluster the server sends no bookmarks either (measured).
   */
  seconds?: number | undefined;
  /** So long without a word is taken for a dead connection: reason `NoAnswerInTime`. Default: 10 longer than the watch may last. */
  silenceSeconds?: number | undefined;
}

/** `opened`: the server has taken the watch. `bookmark`: nothing changed up to that version. */
export type WatchEvent<K extends Kind> =
  | { type: "opened" }
  | { type: "added" | "modified" | "deleted"; object: ObjectOf<K> }
  | { type: "bookmark"; resourceVersion: string };

/** An object that is to be; `apiVersion`, `kind` and the name must be there. The library's types, such as `V1Deployment`, fit. */
export interface Intent {
  apiVersion?: string | undefined;
  kind?: string | undefined;
  metadata?: { name?: string | undefined; namespace?: string | undefined } | undefined;
}
/** The object as the API server tells it after a write. */
export type Told<T extends Intent> = Json<T> & KubeObject;

export interface WriteOptions {
  /** Who writes, in `managedFields`. */
  fieldManager?: string | undefined;
  subresource?: Subresource | undefined;
  /** The server checks and answers as if, and keeps nothing. */
  dryRun?: boolean | undefined;
}
export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  /** Take fields from whoever owns them. Default false. */
  force?: boolean | undefined;
}
export type PatchOptions = WriteOptions;
export type Subresource = "status" | "scale";
export type JsonPatch = readonly ({ op: "add" | "replace" | "test"; path: string; value: unknown } | { op: "remove"; path: string })[];

export interface DeleteOptions {
  /** What becomes of the objects that it owns; default `Background`: they go after it. */
  propagation?: "Background" | "Foreground" | "Orphan" | undefined;
  /** Only if it is still this one. */
  preconditions?: { uid?: string; resourceVersion?: string } | undefined;
  graceSeconds?: number | undefined;
}
