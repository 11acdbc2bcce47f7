import { createHash, randomUUID } from "node:crypto";
import { parseArgs } from "node:util";
import { Queue } from "bullmq";
import express from "express";
import { Redis } from "ioredis";
import pg from "pg";
import { z } from "zod";
import { transaction } from "./transaction.ts";

// The API that one would write first: a transaction for each request, then a job for each payment. Tuned as one would tune it: prepared
// statements, a pool, no ETags, the key's merchant remembered.
const { values } = parseArgs({
  options: {
    url: { type: "string" },
    redis: { type: "string" },
    port: { type: "string" },
    key: { type: "string" },
    merchant: { type: "string" },
  },
});
const sha256 = (text: string | Buffer): Buffer => createHash("sha256").update(text).digest();
const merchants = new Map([[sha256(values.key!).toString("hex"), values.merchant!]]);
const pool = new pg.Pool({ connectionString: values.url, max: 10 });
const jobs = new Queue("plain", { connection: new Redis(values.redis!, { maxRetriesPerRequest: null }) });
const jobOptions = { attempts: 10, backoff: { type: "exponential", delay: 1_000 }, removeOnComplete: true };

const body = z.strictObject({
  amount: z.int().positive(),
  currency: z.string().length(3),
  method: z.strictObject({ type: z.literal("card"), token: z.string().min(1).max(255) }),
});

const app = express();
app.disable("etag");
app.disable("x-powered-by");
app.use(express.json({ limit: "64kb" }));

app.post("/v1/payments", async (request, response) => {
  const merchant = merchants.get(sha256(request.headers.authorization?.slice("Bearer ".length) ?? "").toString("hex"));
  if (!merchant) return void response.status(401).json({ error: "no such key" });
  const key = request.headers["idempotency-key"];
  if (typeof key !== "string") return void response.status(400).json({ error: "Idempotency-Key is missing" });
  const asked = body.safeParse(request.body);
  if (!asked.success) return void response.status(400).json({ error: asked.error.message });

  const { amount, currency, method } = asked.data;
  const id = randomUUID();
  const hash = sha256(JSON.stringify(request.body));
  const earlier = await transaction(pool, async (client) => {
    const { rowCount } = await client.query({ name: "key", text: insertKey, values: [merchant, key, hash, id] });
    if (rowCount === 0) return (await client.query<Earlier>({ name: "earlier", text: selectKey, values: [merchant, key] })).rows[0];
    await client.query({ name: "payment", text: insertPayment, values: [id, merchant, amount, currency, method.token] });
    return undefined;
  });
  if (earlier && !earlier.request_hash.equals(hash))
    return void response.status(409).json({ error: "the key was used for something else" });
  if (!earlier) await jobs.add("charge", { id }, jobOptions);
  response.status(202).json({ id: earlier?.payment_id ?? id, status: "processing", amount, currency });
});

type Earlier = { payment_id: string; request_hash: Buffer };
const insertKey =
  "insert into plain.idempotency_keys (merchant_id, key, request_hash, payment_id) values ($1, $2, $3, $4) on conflict do nothing";
const selectKey = "select payment_id, request_hash from plain.idempotency_keys where merchant_id = $1 and key = $2";
const insertPayment =
  "insert into plain.payments (id, merchant_id, status, amount, currency, token) values ($1, $2, 'processing', $3, $4, $5)";

await pool.query("select 1");
app.listen({ port: Number(values.port), host: "127.0.0.1", reusePort: true }, () => process.stdout.write("ready\n"));
