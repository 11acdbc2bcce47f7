import { afterAll, beforeAll, expect, test } from "vitest";
import { openReaders } from "../../../workloads/store/readers.ts";
import { startDatabase, type TestDatabase } from "./database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

test("a line that is cut between two statements of a read fails the read, and not the process", async () => {
  const readers = openReaders({ url: database.urlOf("api"), replicaUrls: [], applicationName: "test-cut" });
  const thrown: unknown[] = [];
  const keep = (error: unknown) => void thrown.push(error);
  process.on("uncaughtException", keep);
  const read = await readers.open({ tenant: await database.tenant(), size: "small" });

  await database.owner.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test-cut'");
  await new Promise((resolve) => setTimeout(resolve, 200));

  await expect(read.query("select 1")).rejects.toThrow();
  await read[Symbol.asyncDispose]();
  process.off("uncaughtException", keep);
  expect(thrown).toEqual([]);
  await readers.close();
});
