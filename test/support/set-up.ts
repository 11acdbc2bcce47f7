import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { parsePaymentSystem } from "../../crds/parse-payment-system.ts";
import { apiVersion, kind } from "../../crds/payment-system.ts";
import { type Credentials, newCredentials } from "../../operator/local/credentials.ts";
import { migration } from "../../operator/local/desired.ts";
import { Fleet } from "../../operator/local/fleet.ts";
import { Ports } from "../../operator/local/ports.ts";
import { atDatabase, createDatabase, localPostgres } from "../../operator/local/postgres.ts";
import { migrate } from "../../operator/local/workload.ts";
import { needRedisServer } from "./redis-server.ts";
import { schemathesis } from "./schemathesis.ts";
import { sweepTestFolders, testFolder } from "./test-folder.ts";

/** What a test run has once: a Postgres, in it a migrated and seeded database to be cloned, and what opens them. */
export type TestServer = { readonly templateUrl: string; readonly credentials: Credentials };

declare module "vitest" {
  interface ProvidedContext {
    server: TestServer;
    /** Its folder; `null`: it is not there, and the set-up said so. */
    schemathesis: string | null;
  }
}

/** Where Node keeps compiled modules, over runs and for all processes that tests start. */
export const compileCache = join(tmpdir(), "satang-compile-cache");

/** Below the ports that the kernel gives to clients, so that a server which is started again finds its own free. */
export const somePort = (): number => 12_000 + Math.floor(Math.random() * 18_000);

/** Runs before the tests: one Postgres for all of them, which ends with this process also when it is killed. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  sweepTestFolders();
  needRedisServer();
  const folder = testFolder();
  const path = process.env.PATH ?? "";
  const credentials = newCredentials("test");
  const fleet = new Fleet({ logs: folder.path });
  const { port } = await new Ports().take(somePort());
  const state = { path: folder.path, id: randomUUID() };
  const postgres = await localPostgres({ state, port, password: credentials.postgres.owner, path });
  fleet.start(postgres.spec, "postgres");
  await fleet.ready("postgres", 60_000);

  const templateUrl = atDatabase(postgres.url, "satang_template");
  await createDatabase(templateUrl);
  const parsed = parsePaymentSystem({ apiVersion, kind, metadata: { name: "shop" }, spec: {} });
  if (!("system" in parsed)) throw new Error(JSON.stringify(parsed.problems));
  await migrate(migration(parsed.system, { credentials, databaseUrl: templateUrl }), { cache: compileCache, path });
  project.provide("server", { templateUrl, credentials });
  project.provide("schemathesis", (await schemathesis()) ?? null);
  return async () => {
    await fleet.stop();
    folder[Symbol.dispose]();
  };
}
