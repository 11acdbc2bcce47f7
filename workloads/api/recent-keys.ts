import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Tenant } from "../store/store.ts";

/** What this process remembers of a request that it has served: a hint that its key was used, never a decision. */
export type Recent = { readonly bodyDigest: string; readonly requestHash: Buffer };

/** Keys that this process has lately seen, so that a repeat is looked up before it is tried, and the same bytes are not read twice. */
export class RecentKeys {
  // About 400 bytes each.
  readonly #recent = new LRUCache<string, Recent>({ max: 10_000 });

  of(tenant: Tenant, key: string): Recent | undefined {
    return this.#recent.get(scopeOf(tenant, key));
  }

  remember(tenant: Tenant, key: string, recent: Recent): void {
    this.#recent.set(scopeOf(tenant, key), recent);
  }
}

export const digestOf = (body: Buffer): string => hash("sha256", body, "base64");

const scopeOf = ({ merchantId, mode }: Tenant, key: string): string => `${merchantId}${mode}${key}`;
