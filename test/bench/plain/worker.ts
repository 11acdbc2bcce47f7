import { parseArgs } from "node:util";
import { Worker } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { Pool } from "undici";
import { transaction } from "./transaction.ts";

// The worker that one would write first: read the payment, charge it under its id, and write what came of it in one transaction.
const { values } = parseArgs({ options: { url: { type: "string" }, redis: { type: "string" }, provider: { type: "string" } } });
const pool = new pg.Pool({ connectionString: values.url, max: 20 });
const provider = new Pool(values.provider!, { connections: 50 });

type Charged = { status: "succeeded" | "declined"; reference: string; fee?: number };

async function charge(id: string): Promise<void> {
  const { rows } = await pool.query({
    name: "read",
    text: "select status, amount, currency, token from plain.payments where id = $1",
    values: [id],
  });
  const [payment] = rows;
  if (payment?.status !== "processing") return;
  const { token, currency } = payment;
  const amount = Number(payment.amount);
  const { statusCode, body } = await provider.request({
    method: "POST",
    path: "/v1/operations",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ key: id, kind: "charge", amount, currency, reference: id, token }),
  });
  const charged = (await body.json()) as Charged;
  if (statusCode !== 200) throw new Error(`the provider answered ${statusCode}`);

  await transaction(pool, async (client) => {
    const { rowCount } = await client.query({ name: "settle", text: settle, values: [id, charged.status, charged.reference] });
    if (rowCount === 0) return;
    if (charged.status === "succeeded") {
      const fee = charged.fee ?? 0;
      const accounts = ["provider.receivable:simulator", "merchant.pending", "merchant.pending", "provider.receivable:simulator"];
      await client.query({ name: "entries", text: entries, values: [id, accounts, currency, [amount, -amount, fee, -fee]] });
    }
    await client.query({ name: "event", text: event, values: [id, `payment.${charged.status}`] });
  });
}

const settle = "update plain.payments set status = $2, provider_reference = $3, updated_at = now() where id = $1 and status = 'processing'";
const entries =
  "insert into plain.ledger_entries (payment_id, account, currency, amount) select $1, account, $3, amount from unnest($2::text[], $4::bigint[]) as t(account, amount)";
const event = "insert into plain.events (payment_id, type) values ($1, $2)";

const worker = new Worker("plain", (job) => charge(job.data.id), {
  connection: new Redis(values.redis!, { maxRetriesPerRequest: null }),
  concurrency: 50,
});
worker.on("failed", (_, error) => process.stderr.write(`${error.message}\n`));
await worker.waitUntilReady();
process.stdout.write("ready\n");
