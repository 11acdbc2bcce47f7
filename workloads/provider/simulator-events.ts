import { Webhook } from "standardwebhooks";
import { z } from "zod";
import type { EventReader } from "./provider.ts";

/** Reads the simulator's events: signed as Standard Webhooks are, with a time that may be five minutes off. */
export function simulatorEvents(secret: string): EventReader {
  const webhook = new Webhook(secret);
  return (body, headers) => {
    let sent: unknown;
    try {
      sent = webhook.verify(body, headers as Record<string, string>); // what is missing there does not verify
    } catch {
      return undefined;
    }
    const { data } = eventSchema.safeParse(sent);
    return data && { id: data.id, type: data.type, reference: data.data.reference };
  };
}

const eventSchema = z.object({
  id: z.string().min(1).max(255),
  type: z.string().min(1).max(100),
  data: z.object({ reference: z.string().max(255).nullable() }),
});
