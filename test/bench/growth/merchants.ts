import { bucketOf } from "../../../workloads/payment/id.ts";
import type { Tenant } from "../../../workloads/store/store.ts";

/** Merchants that are the same in every run. */
export function tenants(count: number): Tenant[] {
  return Array.from({ length: count }, (_, i) => {
    const merchantId = `00000000-0000-7000-8000-${i.toString(16).padStart(12, "0")}`;
    return { bucket: bucketOf(merchantId), merchantId, mode: "test" };
  });
}
