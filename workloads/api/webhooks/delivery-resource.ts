import { z } from "zod";
import { publicId } from "../../payment/id.ts";
import type { OperationState } from "../../payment/operation.ts";
import { eventTypes } from "../../payment/settlement.ts";
import type { Delivery } from "../../store/list-deliveries.ts";

/** What a merchant reads of the state of a delivery's operation. */
export const deliveryStatuses = ["pending", "delivered", "failed"] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

/** The states that a status stands for. */
export const statesOf: { readonly [status in DeliveryStatus]: readonly OperationState[] } = {
  pending: ["queued", "sent"],
  delivered: ["succeeded"],
  failed: ["declined"],
};

const attemptSchema = z.strictObject({
  at: z.iso.datetime(),
  status_code: z.int().nullable().describe("null: there was no answer."),
  error: z.string().nullable(),
  answer: z.string().nullable().describe("How the answer began, at most 300 characters."),
  duration_ms: z.int(),
});

/** What `deliveryResource` makes. */
export const deliverySchema = z
  .strictObject({
    id: z.string().regex(/^dlv_[0-9a-z]{29}$/),
    object: z.literal("delivery"),
    endpoint: z.string(),
    event: z.string(),
    event_type: z.enum(eventTypes),
    status: z.enum(deliveryStatuses).describe("failed: it was given up, and can be resent."),
    reason: z.string().nullable().describe("Why it is not delivered."),
    next_try_at: z.iso.datetime().nullable().describe("At the earliest: an endpoint that fails is left alone for up to 15 minutes."),
    attempts: z.array(attemptSchema).describe("The newest first, at most 20."),
    created_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
  })
  .meta({ id: "Delivery" });

export function deliveryResource(delivery: Delivery): z.output<typeof deliverySchema> {
  const { bucket, state, dueAt, settledAt, attempts } = delivery;
  const status = deliveryStatuses.find((one) => statesOf[one].includes(state)) ?? "pending";
  return {
    id: publicId("delivery", bucket, delivery.id),
    object: "delivery",
    endpoint: publicId("webhookEndpoint", bucket, delivery.endpointId),
    event: publicId("event", bucket, delivery.eventId),
    event_type: delivery.eventType,
    status,
    reason: delivery.reason,
    next_try_at: status === "pending" ? dueAt.toISOString() : null,
    attempts: attempts.map(({ at, statusCode, error, answer, durationMs }) => ({
      at: at.toISOString(),
      status_code: statusCode,
      error,
      answer,
      duration_ms: durationMs,
    })),
    created_at: delivery.createdAt.toISOString(),
    ended_at: settledAt?.toISOString() ?? null,
  };
}
