import type { Mode } from "../../payment/payment.ts";
import type { AccessStore } from "../../store/access.ts";
import type { Route } from "../route.ts";
import { changeMerchant } from "./change-merchant.ts";
import { createApiKey } from "./create-api-key.ts";
import { createMerchant } from "./create-merchant.ts";
import { getApiKey } from "./get-api-key.ts";
import { getMerchant } from "./get-merchant.ts";
import { listApiKeys } from "./list-api-keys.ts";
import { listAuditLog } from "./list-audit-log.ts";
import { listMerchants } from "./list-merchants.ts";
import { revokeApiKey } from "./revoke-api-key.ts";
import { rollApiKey } from "./roll-api-key.ts";

export type AdminRoutesDeps = { readonly store: { readonly access: AccessStore }; readonly mode: Mode };

/** What only the admin key may ask. */
export const adminRoutes = (deps: AdminRoutesDeps): readonly Route[] => [
  createMerchant(deps),
  listMerchants(deps),
  getMerchant(deps),
  changeMerchant(deps),
  createApiKey(deps),
  listApiKeys(deps),
  getApiKey(deps),
  revokeApiKey(deps),
  rollApiKey(deps),
  listAuditLog(deps),
];
