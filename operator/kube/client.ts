import type { Access } from "./access.ts";
import { again } from "./again.ts";
import type { Ask } from "./ask.ts";
import type { Fence } from "./fence.ts";
import type { Kind, ObjectOf } from "./kinds.ts";
import type { Intent, Kube, Name, Query, Told, WriteOptions } from "./kube.ts";
import { isExpired, reasonOf } from "./kube-error.ts";
import { lifetime } from "./lifetime.ts";
import { pagesOf } from "./pages-of.ts";
import { identify, pathOf, pathOfNew } from "./path-of.ts";
import { type Transport, transport } from "./transport.ts";
import { watchOf } from "./watch-of.ts";

export interface ClientOptions {
  /** Default 30. */
  requestSeconds?: number | undefined;
  /** Told of every answer, for a metric; 0: none came. */
  onAnswer?: ((method: Ask["method"], code: number) => void) | undefined;
}

/** The API server over connections that are kept: at most 16 at once besides one for each watch, none idle for more than a minute. */
export function client(access: Access, { requestSeconds = 30, onAnswer = () => {} }: ClientOptions = {}): Kube & AsyncDisposable {
  const line = transport(access, onAnswer);
  return { ...kubeOf(line, requestSeconds, []), [Symbol.asyncDispose]: async () => line.close() };
}

function kubeOf(line: Transport, requestSeconds: number, fences: readonly Fence[]): Kube {
  async function json(ask: Ask): Promise<unknown> {
    const life = lifetime(`${ask.method} ${ask.path.split("?")[0]}`, requestSeconds, fences);
    try {
      return await again(ask, life, () => line.json(ask, life));
    } finally {
      life.end();
    }
  }

  async function write<T extends Intent>(method: "POST" | "PUT" | "PATCH", object: T, how: WriteOptions & { force?: boolean | undefined }) {
    const { kind, name } = identify(object);
    const path = method === "POST" ? pathOfNew(kind, name) : pathOf(kind, name, how.subresource);
    const contentType = method === "PATCH" ? "application/apply-patch+yaml" : undefined; // JSON is YAML
    return (await json({ method, path: path + queryOf(how), body: object, contentType })) as Told<T>;
  }

  return {
    async get<K extends Kind>(kind: K, name: Name) {
      const answer = json({ method: "GET", path: pathOf(kind, name) });
      return (await answer.catch(noneIfNotFound)) as ObjectOf<K> | undefined;
    },
    async list<K extends Kind>(kind: K, query?: Query) {
      for (let tries = 1; ; tries++) {
        try {
          const all: ObjectOf<K>[] = [];
          for await (const { items } of pagesOf(json, kind, query)) all.push(...items);
          return all;
        } catch (error) {
          if (!(isExpired(error) && tries < 3)) throw error;
        }
      }
    },
    pages: (kind, query) => pagesOf(json, kind, query),
    watch: (kind, options) => watchOf(line, kind, options, { requestSeconds, fences }),
    create: (object, options = {}) => write("POST", object, options),
    replace: (object, options = {}) => write("PUT", object, options),
    apply: (object, options) => write("PATCH", object, options),
    async patch<K extends Kind>(kind: K, name: Name, patch: object, options: WriteOptions = {}) {
      const contentType = Array.isArray(patch) ? "application/json-patch+json" : "application/merge-patch+json";
      const path = pathOf(kind, name, options.subresource) + queryOf(options);
      return (await json({ method: "PATCH", path, body: patch, contentType })) as ObjectOf<K>;
    },
    async delete(kind, name, { propagation = "Background", preconditions, graceSeconds: gracePeriodSeconds } = {}) {
      const body = { propagationPolicy: propagation, preconditions, gracePeriodSeconds };
      await json({ method: "DELETE", path: pathOf(kind, name), body }).catch(noneIfNotFound);
    },
    within: (seconds) => kubeOf(line, seconds, fences),
    under: (fence) => kubeOf(line, requestSeconds, [...fences, fence]),
  };
}

function queryOf({ fieldManager, force, dryRun }: WriteOptions & { force?: boolean | undefined }): string {
  const query = new URLSearchParams();
  if (fieldManager) query.set("fieldManager", fieldManager);
  if (force) query.set("force", "true");
  if (dryRun) query.set("dryRun", "All");
  return query.size > 0 ? `?${query}` : "";
}

function noneIfNotFound(error: unknown): undefined {
  if (reasonOf(error) !== "NotFound") throw error;
  return undefined;
}
