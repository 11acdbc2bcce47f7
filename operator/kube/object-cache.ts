import type { Kind, KubeObject, ObjectOf } from "./kinds.ts";

/** Deletions that happened while nobody watched are found by the next list, and told like the others. */
export interface Handlers<K extends Kind> {
  add?(object: ObjectOf<K>): void;
  /** Also told when nothing but the version differs. */
  update?(object: ObjectOf<K>, before: ObjectOf<K>): void;
  delete?(object: ObjectOf<K>): void;
}

/** Objects of one kind by namespace and name, and whoever wants to know of their changes. Bound: what the reflector's query finds. */
export class ObjectCache<K extends Kind> {
  readonly #namespaces = new Map<string, Map<string, ObjectOf<K>>>();
  readonly #handlers: Handlers<K>;
  readonly #onTrouble: (error: Error) => void;
  size = 0;

  constructor(handlers: Handlers<K>, onTrouble: (error: Error) => void) {
    this.#handlers = handlers;
    this.#onTrouble = onTrouble;
  }

  get(namespace: string | undefined, name: string): ObjectOf<K> | undefined {
    return this.#namespaces.get(namespace ?? "")?.get(name);
  }

  list(namespace?: string): ObjectOf<K>[] {
    if (namespace !== undefined) return [...(this.#namespaces.get(namespace)?.values() ?? [])];
    return [...this.#namespaces.values()].flatMap((names) => [...names.values()]);
  }

  /** The same name with another uid is another object: the one before was deleted while nobody looked. */
  put(object: ObjectOf<K>): void {
    const { namespace = "", name, uid, resourceVersion } = object.metadata;
    const before = this.get(namespace, name);
    if (before?.metadata.resourceVersion === resourceVersion && before.metadata.uid === uid) return;
    if (before && before.metadata.uid !== uid) this.remove(before);

    const names = this.#namespaces.get(namespace) ?? new Map<string, ObjectOf<K>>();
    this.#namespaces.set(namespace, names.set(name, object));
    if (before?.metadata.uid === uid) this.#tell(() => this.#handlers.update?.(object, before));
    else {
      this.size++;
      this.#tell(() => this.#handlers.add?.(object));
    }
  }

  remove({ metadata: { namespace = "", name } }: KubeObject): void {
    const names = this.#namespaces.get(namespace);
    const before = names?.get(name);
    if (!names || !before) return;
    names.delete(name);
    if (names.size === 0) this.#namespaces.delete(namespace); // namespaces come and go for as long as the process runs
    this.size--;
    this.#tell(() => this.#handlers.delete?.(before));
  }

  #tell(handler: () => void): void {
    try {
      handler();
    } catch (error) {
      this.#onTrouble(new Error("a handler of changes threw", { cause: error }));
    }
  }
}
