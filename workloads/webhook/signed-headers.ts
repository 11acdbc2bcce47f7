import { Webhook } from "standardwebhooks";

/** One event as it is sent: its public id stays the same over every try, and to every endpoint. */
export type Message = { readonly id: string; readonly body: string };

/** The three headers of Standard Webhooks; a signature for each secret, so that a receiver may know either. `at`: the time of this try. */
export function signedHeaders({ id, body }: Message, secrets: readonly Buffer[], at: Date): Record<string, string> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": secrets.map((secret) => new Webhook(secret, { format: "raw" }).sign(id, at, body)).join(" "),
  };
}
