import { z } from "zod";
import type { Event } from "../payment/event.ts";
import { publicId } from "../payment/id.ts";
import { eventTypes } from "../payment/settlement.ts";

/** What an event is to a merchant, as `/openapi.json` says it. */
export const eventSchema = z.strictObject({
  id: z.string(),
  object: z.literal("event"),
  type: z.enum(eventTypes),
  payment: z.string(),
  operation: z.string(),
  data: z.record(z.string(), z.unknown()).describe("The fields of the payment that this changed, as they were right after."),
  mode: z.enum(["test", "live"]),
  created_at: z.iso.datetime(),
});

export function eventResource({ bucket, id, type, paymentId, operationId, data, mode, createdAt }: Event): z.output<typeof eventSchema> {
  return {
    id: publicId("event", bucket, id),
    object: "event",
    type,
    payment: publicId("payment", bucket, paymentId),
    operation: publicId("operation", bucket, operationId),
    data,
    mode,
    created_at: createdAt.toISOString(),
  };
}
