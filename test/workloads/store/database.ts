import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { Ports } from "../../../operator/local/ports.ts";
import { createDatabase, localPostgres } from "../../../operator/local/postgres.ts";
import { type LoginRole, loginOf } from "../../../workloads/contract.ts";
import { bucketOf, newUuid } from "../../../workloads/payment/id.ts";
import type { Currency } from "../../../workloads/payment/money.ts";
import { migrate } from "../../../workloads/store/migrate.ts";
import { openStore } from "../../../workloads/store/postgres-store.ts";
import { seed } from "../../../workloads/store/seed.ts";
import type { NewPayment, Store, Tenant } from "../../../workloads/store/store.ts";
import { Victim } from "../crash/victim.ts";

/** A Postgres of its own, migrated and seeded as in production: each store connects as its role's login user. */
export type TestDatabase = AsyncDisposable & {
  readonly ownerUrl: string;
  readonly owner: pg.Pool;
  /** A merchant that nobody else uses. */
  tenant(): Promise<Tenant>;
  as(role: LoginRole): Store;
  /** The URL by which a role's process connects. */
  urlOf(role: LoginRole): string;
};

const password = "only-for-tests";

export async function startDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), "satang-store-"));
  await chmod(folder, 0o711); // the server runs as another user, who must get through
  const { port } = await new Ports().take(20_000 + Math.floor(Math.random() * 10_000));
  const local = await localPostgres({
    state: { path: folder, id: newUuid() },
    port,
    password: randomBytes(12).toString("hex"),
    path: process.env.PATH ?? "",
  });
  const server = new Victim(local.spec);
  await server.start();
  await createDatabase(local.url);
  await migrate(local.url);
  await seed(local.url, { logins: { api: password, worker: password, dispatcher: password } });

  const owner = new pg.Pool({ connectionString: local.url, max: 2 });
  owner.on("error", () => {});
  const stores: Store[] = [];
  const urlOf = (role: LoginRole) => Object.assign(new URL(local.url), { username: loginOf(role), password }).href;
  return {
    ownerUrl: local.url,
    owner,
    urlOf,
    async tenant() {
      const merchantId = newUuid();
      await seed(local.url, { merchants: [{ id: merchantId, name: "Shop", keys: [] }] });
      return { bucket: bucketOf(merchantId), merchantId, mode: "test" };
    },
    as(role) {
      const store = openStore({ url: urlOf(role), connections: 4, applicationName: `test-${role}` });
      stores.push(store);
      return store;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([owner.end(), ...stores.map((store) => store.close())]);
      await server.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A request to pay 3.50 THB by a good card; what matters to a test is given. */
export function aRequest(tenant: Tenant, given: Partial<NewPayment> = {}): NewPayment {
  const usual = { amount: 350, currency: "THB" as Currency, capture: "automatic", method: { type: "card", token: "tok_visa" } } as const;
  const rest = {
    requestHash: Buffer.alloc(32, 1),
    requestId: "req_1",
    provider: "simulator",
    reference: null,
    metadata: {},
    dueNow: false,
  };
  return { ...tenant, key: newUuid(), ...usual, ...rest, ...given };
}
