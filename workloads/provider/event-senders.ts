import { z } from "zod";
import { jsonVariable } from "./json-variable.ts";
import type { EventReader } from "./provider.ts";
import { simulatorEvents } from "./simulator-events.ts";

const secretError = "whsec_ and 24 random bytes or more in base64";
const senderSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    name: z.string().min(1).max(32),
    kind: z.literal("simulator"),
    secret: z.string({ error: secretError }).regex(/^whsec_[A-Za-z0-9+/]{32,128}={0,2}$/, { error: secretError }),
  }),
]);

const what = `a JSON list of those who send events, for instance [{"name": "simulator", "kind": "simulator", "secret": "whsec_…"}]`;

/** The variable PROVIDER_EVENT_SECRETS: whose events are believed to come from whom. Not set: nobody's. */
export const eventSendersSchema = jsonVariable(what)
  .pipe(z.array(senderSchema, { error: what }).max(10))
  .default([]);
export type EventSender = z.infer<typeof senderSchema>;

/** How to read each one's events, by the provider's name. */
export function eventReaders(senders: readonly EventSender[]): ReadonlyMap<string, EventReader> {
  return new Map(senders.map((sender) => [sender.name, readerOf(sender)]));
}

function readerOf({ kind, secret }: EventSender): EventReader {
  switch (kind) {
    case "simulator":
      return simulatorEvents(secret);
  }
}
