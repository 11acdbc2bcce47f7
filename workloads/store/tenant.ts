import type { Mode } from "../payment/payment.ts";

/** Who asks. Everything that a merchant owns is found by `bucket` and `merchantId` first. */
export type Tenant = { readonly bucket: number; readonly merchantId: string; readonly mode: Mode };
