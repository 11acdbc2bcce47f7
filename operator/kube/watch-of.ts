import type { Fence } from "./fence.ts";
import type { Kind, ObjectOf } from "./kinds.ts";
import type { WatchEvent, WatchOptions } from "./kube.ts";
import { KubeError } from "./kube-error.ts";
import { lifetime } from "./lifetime.ts";
import { lines } from "./lines.ts";
import { selectorsOf } from "./pages-of.ts";
import { pathOfAll } from "./path-of.ts";
import { ofStatus, type Status } from "./refusal.ts";
import type { Transport } from "./transport.ts";

/** One watch: what changes, until the server ends it or it breaks. Whoever leaves the loop cuts the connection. */
export async function* watchOf<K extends Kind>(
  line: Transport,
  kind: K,
  options: WatchOptions,
  { requestSeconds, fences }: { requestSeconds: number; fences: readonly Fence[] },
): AsyncGenerator<WatchEvent<K>> {
  const { namespace, resourceVersion, seconds = 45 } = options;
  const timeoutSeconds = Math.ceil(seconds * (1 + Math.random()));
  const { silenceSeconds = timeoutSeconds + 10 } = options;
  const query = selectorsOf(options);
  query.set("watch", "true");
  query.set("allowWatchBookmarks", "true");
  query.set("resourceVersion", resourceVersion);
  query.set("timeoutSeconds", String(timeoutSeconds));

  const path = `${pathOfAll(kind, namespace)}?${query}`;
  const life = lifetime(`watch of ${kind}`, requestSeconds, fences);
  try {
    const stream = await line.stream({ method: "GET", path }, life);
    const heard = () => life.extend(silenceSeconds);
    heard();
    yield { type: "opened" };
    for await (const text of lines(stream, heard)) yield eventOf(text);
  } finally {
    life.end();
  }
}

function eventOf<K extends Kind>(text: string): WatchEvent<K> {
  const { type, object } = JSON.parse(text) as RawEvent<K>;
  switch (type) {
    case "ADDED":
      return { type: "added", object };
    case "MODIFIED":
      return { type: "modified", object };
    case "DELETED":
      return { type: "deleted", object };
    case "BOOKMARK":
      return { type: "bookmark", resourceVersion: object.metadata.resourceVersion };
    case "ERROR":
      throw ofStatus(object);
  }
  throw new KubeError(`an event of a type that is not known: ${type}`, { code: 0, reason: "Unknown" });
}

type RawEvent<K extends Kind> =
  | { type: "ADDED" | "MODIFIED" | "DELETED"; object: ObjectOf<K> }
  | { type: "BOOKMARK"; object: { metadata: { resourceVersion: string } } }
  | { type: "ERROR"; object: Status };
