import { LRUCache } from "lru-cache";
import type { Kube } from "../kube/kube.ts";
import type { Asked } from "./answer.ts";
import { group, version } from "./documents.ts";
import type { User } from "./front-proxy.ts";

/** Whether a user may ask this. */
export type Authorize = (user: User, asked: Asked) => Promise<boolean>;

// As long as Go's servers remember an answer. A right that is taken away ends with it.
const rememberedMs = 10_000;
const maxRemembered = 1_000;

/** Asks the API server whether a user may, as it does itself before it asks us: verb `list`, the metric as the resource. */
export function authorizing(kube: Pick<Kube, "create">): Authorize {
  const remembered = new LRUCache<string, Promise<boolean>>({ max: maxRemembered, ttl: rememberedMs });

  async function ask({ user, groups, extra }: User, { path, metric }: Asked): Promise<boolean> {
    const what = metric
      ? { resourceAttributes: { group, version, resource: metric.name, namespace: metric.namespace, verb: "list" } }
      : { nonResourceAttributes: { path, verb: "get" } };
    const review = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", metadata: {} };
    const told = await kube.create({ ...review, spec: { user, groups: [...groups], extra: { ...extra }, ...what } });
    return (told as { status?: { allowed?: boolean } }).status?.allowed === true;
  }

  return (user, asked) => {
    const key = JSON.stringify([user, asked.path]);
    let allowed = remembered.get(key);
    if (allowed === undefined) {
      allowed = ask(user, asked);
      remembered.set(key, allowed);
      allowed.catch(() => remembered.delete(key)); // not an answer: the next one asks again
    }
    return allowed;
  };
}
