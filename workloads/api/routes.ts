import { type AdminRoutesDeps, adminRoutes } from "./admin/admin-routes.ts";
import { type CreatePaymentDeps, createPayment } from "./create-payment.ts";
import { type GetIdempotencyKeyDeps, getIdempotencyKey } from "./get-idempotency-key.ts";
import { type GetPaymentDeps, getPayment } from "./get-payment.ts";
import type { ReadingDeps } from "./list-payments.ts";
import { readingRoutes } from "./reading-routes.ts";
import type { Route } from "./route.ts";

export type RoutesDeps = CreatePaymentDeps & GetPaymentDeps & GetIdempotencyKeyDeps & ReadingDeps & AdminRoutesDeps;

/** Everything that can be asked of the API. What stands first is asked most. */
export function routes(deps: RoutesDeps): readonly Route[] {
  return [createPayment(deps), getPayment(deps), getIdempotencyKey(deps), ...readingRoutes(deps), ...adminRoutes(deps)];
}
