import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LocalProcess } from "../../../operator/local/desired.ts";
import { Ports } from "../../../operator/local/ports.ts";
import { workload } from "../../../operator/local/workload.ts";
import { Victim } from "../crash/victim.ts";
import { startDatabase, type TestDatabase } from "../store/database.ts";
import { paid } from "../store/paid.ts";

let database: TestDatabase;
let dispatcher: Victim;
let metrics: string;
beforeAll(async () => {
  database = await startDatabase();
  const { port } = await new Ports().take(30_100 + Math.floor(Math.random() * 2_000));
  metrics = `http://127.0.0.1:${port}/metrics`;
  const env = { DATABASE_URL: database.urlOf("dispatcher"), QUEUES: "payments,refunds", HOST: "127.0.0.1", MANAGEMENT_PORT: String(port) };
  const process_ = { name: "dispatcher", role: "dispatcher", managementPort: port, env } as LocalProcess;
  dispatcher = new Victim(workload(process_, { cache: join(tmpdir(), "satang-compile-cache"), path: process.env.PATH ?? "" }));
  await dispatcher.start();
});
afterAll(async () => {
  await dispatcher.kill();
  await database[Symbol.asyncDispose]();
});

async function imbalance(): Promise<number | undefined> {
  const text = await (await fetch(metrics)).text();
  const value = /^satang_ledger_imbalance_minor_units (\S+)$/m.exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 45_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`still not so; the gauge is ${await imbalance()}, the log:\n${dispatcher.log}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** As a superuser whom no trigger stops. */
async function tamper(sql: string, id: string): Promise<void> {
  const client = await database.owner.connect();
  await client.query("begin; set local session_replication_role = replica");
  await client.query(sql, [id]);
  await client.query("commit");
  client.release();
}

test("the gauge says 0 once the books were looked at, what they are off by once somebody breaks them, and 0 when they are mended", async () => {
  const tenant = await database.tenant();
  const { operation } = await paid(tenant, { api: database.as("api"), worker: database.as("worker") });
  await until(async () => (await imbalance()) === 0);

  await tamper("update satang.ledger_entries set amount = amount + 7 where operation_id = $1 and line = 0", operation.id);
  await until(async () => (await imbalance()) === 7);
  const said = dispatcher.log;
  await tamper("update satang.ledger_entries set amount = amount - 7 where operation_id = $1 and line = 0", operation.id);
  await until(async () => (await imbalance()) === 0);

  expect(said).toMatch(/"level":"error".*"operation":"op_\w+".*"off_by_minor_units":7.*the journal does not sum to zero/);
  expect(said).not.toContain(tenant.merchantId);
});
