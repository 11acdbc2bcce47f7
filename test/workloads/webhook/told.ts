import { coffee, type Merchant, type SystemOptions, startSystem, type TestSystem } from "../../support/system.ts";

/** A whole system whose webhooks are tried at once, and soon again, so that a test sees more than one try. */
export const startTelling = (options: SystemOptions = {}): Promise<TestSystem> =>
  startSystem({
    ...options,
    env: {
      ...options.env,
      worker: { WEBHOOK_SCHEDULE_SECONDS: "0,0,0,0,1,1,1,1,1,1,1,1", WEBHOOK_TIMEOUT_SECONDS: "1", ...options.env?.worker },
    },
  });

export type Endpoint = { readonly id: string; readonly path: string; readonly secret: string };

/** An endpoint of a merchant. */
export async function anEndpoint(system: TestSystem, merchant: Merchant, fields: object): Promise<Endpoint> {
  const { status, body } = await system.send("POST", "/v1/webhook-endpoints", { body: fields, merchant });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return { id: body.id, path: `/v1/webhook-endpoints/${body.id}`, secret: body.secret };
}

/** A payment that succeeded; its id. */
export async function paid(system: TestSystem, merchant: Merchant): Promise<string> {
  const { status, body } = await system.pay(coffee, { merchant, wait: 20 });
  if (status !== 201) throw new Error(JSON.stringify(body));
  const isSo = async () => (await system.get(`/v1/payments/${body.id}`, { merchant })).body.status === "succeeded";
  await system.until(isSo, `payment ${body.id} has succeeded`); // it has, but when the machine is busy
  return body.id;
}

/** The deliveries to an endpoint, newest first. */
export async function deliveries(system: TestSystem, merchant: Merchant, { path }: Endpoint) {
  const { status, body } = await system.get(`${path}/deliveries`, { merchant });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.data;
}
