import { type AdminRoutesDeps, adminRoutes } from "./admin/admin-routes.ts";
import { cancelPayment, capturePayment } from "./change-payment.ts";
import { type CreatePaymentDeps, createPayment } from "./create-payment.ts";
import { createRefund } from "./create-refund.ts";
import { type DocsDeps, docsRoutes } from "./docs/docs-routes.ts";
import type { FollowUpDeps } from "./follow-up.ts";
import { type GetIdempotencyKeyDeps, getIdempotencyKey } from "./get-idempotency-key.ts";
import { type GetPaymentDeps, getPayment } from "./get-payment.ts";
import { type GetRefundDeps, getRefund } from "./get-refund.ts";
import type { ReadingDeps } from "./list-payments.ts";
import { readingRoutes } from "./reading-routes.ts";
import type { Route } from "./route.ts";
import { type TakeProviderEventDeps, takeProviderEvent } from "./take-provider-event.ts";
import { type WebhookRoutesDeps, webhookRoutes } from "./webhooks/webhook-routes.ts";

export type RoutesDeps = CreatePaymentDeps &
  GetPaymentDeps &
  GetIdempotencyKeyDeps &
  FollowUpDeps &
  GetRefundDeps &
  ReadingDeps &
  TakeProviderEventDeps &
  WebhookRoutesDeps &
  AdminRoutesDeps &
  Omit<DocsDeps, "all">;

/** Everything that can be asked of the API. What stands first is asked most. */
export function routes(deps: RoutesDeps): readonly Route[] {
  const all: readonly Route[] = [
    createPayment(deps),
    getPayment(deps),
    getIdempotencyKey(deps),
    capturePayment(deps),
    cancelPayment(deps),
    createRefund(deps),
    getRefund(deps),
    ...readingRoutes(deps),
    takeProviderEvent(deps),
    ...webhookRoutes(deps),
    ...adminRoutes(deps),
    ...docsRoutes({ ...deps, all: () => all }),
  ];
  return all;
}
