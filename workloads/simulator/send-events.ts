import type { IncomingMessage } from "node:http";
import { Webhook } from "standardwebhooks";
import type { DueEvent, EffectRecord } from "./effect-record.ts";

export type SendEventsOptions = {
  readonly record: Pick<EffectRecord, "dueEvents" | "write">;
  readonly url: string;
  /** `whsec_…` */
  readonly secret: string;
};

// Got, not imported: see telemetry/management.ts.
const plain = process.getBuiltinModule("node:http");
const secure = process.getBuiltinModule("node:https");

const lookMs = 100;
const atOnce = 20;
const timeoutMs = 5_000;
const maxTries = 12; // about an hour, doubling from a second

/** Posts events, signed as Standard Webhooks are, until each was taken with a 2xx or tried for an hour. Until `stop`. */
export function sendEvents({ record, url, secret }: SendEventsOptions): { stop(): Promise<void> } {
  const webhook = new Webhook(secret);
  let sending: Promise<unknown> = Promise.resolve();
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    const due = record.dueEvents(Date.now(), atOnce);
    if (due.length === 0) return;
    isBusy = true;
    sending = Promise.all(due.map(send)).finally(() => (isBusy = false));
  }, lookMs);

  async function send({ seq, id, body, tries }: DueEvent): Promise<void> {
    const at = new Date();
    const headers = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": webhook.sign(id, at, body),
    };
    const isTaken = await post(url, headers, body);
    record.write((tx) => {
      if (isTaken || tries + 1 >= maxTries) tx.forgetEvent(seq);
      else tx.putOffEvent(seq, Date.now() + 1_000 * 2 ** tries);
    });
  }

  return {
    async stop() {
      clearInterval(timer);
      await sending;
    },
  };
}

function post(url: string, headers: Record<string, string>, body: string): Promise<boolean> {
  return new Promise((resolve) => {
    const { request } = url.startsWith("https:") ? secure : plain;
    const asking = request(url, { method: "POST", headers, timeout: timeoutMs });
    asking.on("timeout", () => asking.destroy());
    asking.on("error", () => resolve(false));
    asking.on("close", () => resolve(false)); // after an answer, it is resolved already
    asking.on("response", (answer: IncomingMessage) => {
      answer.resume();
      resolve(answer.statusCode !== undefined && answer.statusCode >= 200 && answer.statusCode < 300);
    });
    asking.end(body);
  });
}
