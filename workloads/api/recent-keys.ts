import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Tenant } from "../store/store.ts";

/** What this process remembers of a request that it has served: a hint that its key was used, never a decision. */
export type Recent = { readonly bodyDigest: string; readonly requestHash: Buffer };

/** Keys that this process has lately seen, so that a repeat is looked up before it is tried, and the same bytes are not read twice. */
export class RecentKeys {
  // About 700 bytes each. Hashes as text: ten thousand little buffers would hold 10 MiB of malloc's memory.
  readonly #recent = new LRUCache<string, { readonly bodyDigest: string; readonly requestHash: string }>({ max: 2_500 });

  of(tenant: Tenant, key: string): Recent | undefined {
    const recent = this.#recent.get(scopeOf(tenant, key));
    return recent && { ...recent, requestHash: Buffer.from(recent.requestHash, "base64") };
  }

  remember(tenant: Tenant, key: string, { bodyDigest, requestHash }: Recent): void {
    this.#recent.set(scopeOf(tenant, key), { bodyDigest, requestHash: requestHash.toString("base64") });
  }
}

export const digestOf = (body: Buffer): string => hash("sha256", body, "base64");

const scopeOf = ({ merchantId, mode }: Tenant, key: string): string => `${merchantId}${mode}${key}`;
