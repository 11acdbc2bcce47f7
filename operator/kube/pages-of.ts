import type { Ask } from "./ask.ts";
import { type Kind, kinds, type ObjectOf } from "./kinds.ts";
import type { Page, Query } from "./kube.ts";
import { pathOfAll } from "./path-of.ts";

/** A list, a page at a time: a page is what is in memory at once. */
export async function* pagesOf<K extends Kind>(json: (ask: Ask) => Promise<unknown>, kind: K, query: Query = {}): AsyncGenerator<Page<K>> {
  const { namespace, pageSize = 100 } = query;
  const parameters = selectorsOf(query);
  parameters.set("limit", String(pageSize));
  for (;;) {
    const list = (await json({ method: "GET", path: `${pathOfAll(kind, namespace)}?${parameters}` })) as List<K>;
    yield { items: list.items.map((item) => whole(kind, item)), resourceVersion: list.metadata.resourceVersion };
    if (!list.metadata.continue) return;
    parameters.set("continue", list.metadata.continue);
  }
}

export function selectorsOf({ labelSelector, fieldSelector }: Pick<Query, "labelSelector" | "fieldSelector">): URLSearchParams {
  return new URLSearchParams({ ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) });
}

/** In a list the server leaves out of its items what they have in common. */
const whole = <K extends Kind>(kind: K, item: Item<K>): ObjectOf<K> =>
  ({ ...item, apiVersion: kinds[kind].apiVersion, kind }) as ObjectOf<K>;

interface List<K extends Kind> {
  metadata: { resourceVersion: string; continue?: string };
  items: Item<K>[];
}
type Item<K extends Kind> = Omit<ObjectOf<K>, "apiVersion" | "kind">;
