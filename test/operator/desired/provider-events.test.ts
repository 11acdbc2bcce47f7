import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { eventReaders, eventSendersSchema } from "../../../workloads/provider/event-senders.ts";
import { aGiven, objectsOf, podSpecsOf } from "./given.ts";

const given = aGiven({ providers: [{ name: "bank", kind: "simulator" }] });

test("what the simulator signs, the API of the same system reads, and that of another does not", () => {
  const { EVENTS_URL: url, EVENTS_SECRET: secret } = envOf("simulator", given);
  const body = JSON.stringify({ id: "ev_1", type: "operation.ended", data: { reference: "op_1" } });
  const at = new Date();
  const headers = {
    "webhook-id": "ev_1",
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(secret!).sign("ev_1", at, body),
  };
  const readBy = (other: typeof given) => {
    const readers = eventReaders(eventSendersSchema.parse(envOf("api", other).PROVIDER_EVENT_SECRETS));
    return readers.get(url!.split("/").at(-1)!)?.(Buffer.from(body), headers);
  };

  expect(url).toBe("http://shop-api.trade/v1/provider-events/bank");
  expect(readBy(given)).toMatchObject({ id: "ev_1", reference: "op_1" });
  expect(readBy({ ...given, credentials: aGiven().credentials })).toBeUndefined();
});

/** A container's variables as the kubelet makes them, from the Secrets among the objects. */
function envOf(role: string, of: typeof given): Record<string, string | undefined> {
  const objects = objectsOf(of);
  const container = podSpecsOf(objects)
    .flatMap(({ containers }) => containers)
    .find(({ name }) => name === role);
  const env: Record<string, string | undefined> = {};
  for (const { name, value, valueFrom } of container.env) {
    const { name: secret, key } = valueFrom?.secretKeyRef ?? {};
    const data = objects.find((one) => one.kind === "Secret" && one.metadata.name === secret)?.data as Record<string, string> | undefined;
    env[name] = secret
      ? Buffer.from(data?.[key] ?? "", "base64").toString()
      : value.replaceAll(/\$\((\w+)\)/g, (_: string, of: string) => env[of]);
  }
  return env;
}
