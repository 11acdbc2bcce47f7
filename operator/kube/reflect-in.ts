import type { Kind } from "./kinds.ts";
import type { Kube } from "./kube.ts";
import { type Reflector, type ReflectorOptions, reflect } from "./reflector.ts";

/** As `reflect`, over some namespaces with a watch in each, which rights in these alone are enough for. None named: all, with one watch. */
export function reflectIn<K extends Kind>(
  kube: Kube,
  kind: K,
  namespaces: readonly string[],
  options: Omit<ReflectorOptions<K>, "namespace"> = {},
): Reflector<K> {
  if (namespaces.length === 0) return reflect(kube, kind, options);
  const each = new Map(namespaces.map((namespace) => [namespace, reflect(kube, kind, { ...options, namespace })]));
  const all = [...each.values()];
  return {
    get: (namespace, name) => each.get(namespace ?? "")?.get(namespace, name),
    list: (namespace) => (namespace === undefined ? all.flatMap((one) => one.list()) : (each.get(namespace)?.list(namespace) ?? [])),
    get size() {
      return all.reduce((sum, one) => sum + one.size, 0);
    },
    get synced() {
      return all.every((one) => one.synced);
    },
    async whenSynced() {
      await Promise.all(all.map((one) => one.whenSynced()));
    },
    stalenessSeconds: () => Math.max(...all.map((one) => one.stalenessSeconds())),
    async stop() {
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}
