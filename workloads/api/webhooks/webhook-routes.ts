import type { ReadingDeps } from "../list-payments.ts";
import type { Route } from "../route.ts";
import { changeWebhookEndpoint } from "./change-webhook-endpoint.ts";
import { createWebhookEndpoint, type WebhookDeps } from "./create-webhook-endpoint.ts";
import { deleteWebhookEndpoint } from "./delete-webhook-endpoint.ts";
import { getWebhookEndpoint } from "./get-webhook-endpoint.ts";
import { listDeliveries } from "./list-deliveries.ts";
import { listWebhookEndpoints } from "./list-webhook-endpoints.ts";
import { resendDelivery } from "./resend-delivery.ts";
import { resendFailed } from "./resend-failed.ts";
import { rotateWebhookSecret } from "./rotate-webhook-secret.ts";

export type WebhookRoutesDeps = WebhookDeps & ReadingDeps;

/** How a merchant says where he is told what happened, and sees what came of it. */
export const webhookRoutes = (deps: WebhookRoutesDeps): readonly Route[] => [
  createWebhookEndpoint(deps),
  listWebhookEndpoints(deps),
  getWebhookEndpoint(deps),
  changeWebhookEndpoint(deps),
  deleteWebhookEndpoint(deps),
  rotateWebhookSecret(deps),
  listDeliveries(deps),
  resendDelivery(deps),
  resendFailed(deps),
];
