import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Ports } from "../../../operator/local/ports.ts";
import { positionOf } from "../../../workloads/store/position.ts";
import { openReaders, type Readers } from "../../../workloads/store/readers.ts";
import { type Standby, startStandby } from "../../support/standby.ts";
import { startDatabase, type TestDatabase } from "./database.ts";

let database: TestDatabase;
let standby: Standby;
let service: Server;
let readers: Readers;
/** The port of whom the Service leads new connections to; those that are there stay with whom they have. */
let leadsTo: number;
beforeAll(async () => {
  database = await startDatabase();
  const { port } = await new Ports().take(32_200 + Math.floor(Math.random() * 2_000));
  standby = await startStandby({ primaryUrl: database.ownerUrl, port });
  leadsTo = port;
  service = createServer((client) => {
    const server = connect(leadsTo, "127.0.0.1");
    client.pipe(server).pipe(client);
    for (const end of [client, server]) end.on("error", () => {});
  }).listen(0, "127.0.0.1");
  await once(service, "listening");
  const url = database.urlOf("api");
  const { port: servicePort } = service.address() as { port: number };
  const replicaUrl = Object.assign(new URL(url), { port: String(servicePort) }).href;
  readers = openReaders({ url, replicaUrls: [replicaUrl], applicationName: "test-behind" });
});
afterAll(async () => {
  await readers?.close();
  service?.close();
  await standby?.[Symbol.asyncDispose]();
  await database?.[Symbol.asyncDispose]();
});

test("a replica that is far behind is left: the next connection may lead to one that is not", async () => {
  const tenant = await database.tenant();
  await standby.delay(600);
  await database.owner.query("create table left_behind ()");
  const { rows } = await database.owner.query<{ lsn: string }>("select pg_current_wal_lsn() as lsn");
  const position = positionOf(rows[0]!.lsn);
  const read = () => readers.read({ tenant, size: "big", position }, (tx) => tx.query("select 1"));
  await expect(read()).rejects.toMatchObject({ why: "behind" });

  leadsTo = Number(new URL(database.ownerUrl).port);

  await expect(read()).resolves.toBeDefined();
});
