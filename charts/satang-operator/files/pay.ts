// What `helm test` runs in a pod: one payment in a PaymentSystem, from the request to the ledger. Its arguments are the system's namespace, its
// name, and for how many seconds it may take.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const [namespace = "default", name = "shop", waitSeconds = "300"] = process.argv.slice(1);
const deadline = Date.now() + Number(waitSeconds) * 1000;
const account = "/var/run/secrets/kubernetes.io/serviceaccount";

type Condition = { type: string; status: string; message: string };
type PaymentSystem = { spec: { mode: string }; status?: { conditions?: Condition[] } };

async function ofCluster<T>(path: string): Promise<T> {
  const headers = { authorization: `Bearer ${readFileSync(`${account}/token`, "utf8")}` };
  const answer = await fetch(`https://kubernetes.default.svc${path}`, { headers, signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

async function isReady(): Promise<void> {
  const { spec, status } = await ofCluster<PaymentSystem>(`/apis/satang.dev/v1alpha1/namespaces/${namespace}/paymentsystems/${name}`);
  if (spec.mode === "live") {
    console.error(`PaymentSystem ${namespace}/${name} moves real money: name one of mode test by the value test.system`);
    process.exit(1);
  }
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status !== "True")
    throw new Error(`PaymentSystem ${namespace}/${name} is not ready: ${ready?.message ?? "nobody has looked at it yet"}`);
}

// The same key in every try: however often this asks, it is one payment.
const idempotencyKey = `helm-test-${randomUUID()}`;

async function pay(): Promise<string> {
  const { data } = await ofCluster<{ data: { secretKey: string } }>(`/api/v1/namespaces/${namespace}/secrets/${name}-credentials`);
  const answer = await fetch(`http://${name}-api.${namespace}.svc/v1/payments`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${Buffer.from(data.secretKey, "base64")}`,
      "content-type": "application/json",
      "idempotency-key": idempotencyKey,
      prefer: "wait=20",
    },
    body: JSON.stringify({ amount: 35_000, currency: "THB", method: { type: "card", token: "tok_visa" } }),
    signal: AbortSignal.timeout(30_000),
  });
  const payment = (await answer.json()) as { id?: string; status?: string };
  if (payment.status !== "succeeded") throw new Error(`the payment is not settled: ${answer.status} ${JSON.stringify(payment)}`);
  return payment.id!;
}

/** Tries until it succeeds; what went wrong is said when it changes. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let said = ""; ; ) {
    try {
      return await attempt();
    } catch (error) {
      const why = (error as Error).message;
      if (Date.now() > deadline) throw error;
      if (why !== said) console.log(why);
      said = why;
      await sleep(2_000);
    }
  }
}

await patiently(isReady);
const id = await patiently(pay);
console.log(`${id}: 350.00 THB paid and settled in PaymentSystem ${namespace}/${name}`);
