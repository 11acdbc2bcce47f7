import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../../../operator/local/workload.ts";
import { bucketOf, newUuid } from "../../../workloads/payment/id.ts";
import { compileCache } from "../../support/set-up.ts";
import type { Customer } from "./customer.ts";
import { type ShardedSystem, startSharded } from "./sharded-system.ts";

let system: ShardedSystem;
beforeAll(async () => {
  system = await startSharded({ shards: 1 });
});
afterAll(() => system[Symbol.asyncDispose]());

const customers = (names: string[]): Promise<Customer[]> => Promise.all(names.map((name) => system.customer(name)));
const shardsOf = (all: readonly Customer[]): Promise<number[]> => Promise.all(all.map((one) => system.shardOf(one)));

describe("a system of one shard that gets a second", () => {
  test("leaves merchants where they are, and gives new ones to the emptier shard", async () => {
    const early = await customers(["a", "b", "c"]);
    await Promise.all(early.map((one) => one.pay({ key: "before", wait: 20 })));

    await system.grow();
    const late = await customers(["d", "e", "f", "g", "h"]);
    const answers = await Promise.all([...early, ...late].map((one) => one.pay({ key: "after", wait: 20 })));
    const replayed = await Promise.all(early.map((one) => one.pay({ key: "before" })));

    expect(answers.map(({ body }) => body.status)).toEqual(answers.map(() => "succeeded"));
    expect(replayed.map(({ headers }) => headers.get("idempotent-replayed"))).toEqual(["true", "true", "true"]);
    expect(await shardsOf(early)).toEqual([0, 0, 0]);
    expect((await shardsOf(late)).toSorted()).toEqual([0, 1, 1, 1, 1]);
  });

  test("is not harmed by an API that does not know of the second yet: it writes nothing of a merchant who lives there", async () => {
    const before = await system.apiThatKnows(1);
    const [one, other] = await customers(["i", "j"]);
    const [here, there] = (await system.shardOf(one!)) === 0 ? [one!, other!] : [other!, one!];
    const rows = () => Promise.all(system.shards.map(({ rows }) => rows<{ n: number }>("select count(*)::int as n from satang.payments")));
    const [[first], [second]] = (await rows()) as [[{ n: number }], [{ n: number }]];

    expect(await there.at(before).pay()).toMatchObject({ status: 503, body: { code: "store_unavailable" } });
    expect(await here.at(before).pay()).toMatchObject({ status: 202 });

    expect(await rows()).toEqual([[{ n: first.n + 1 }], [second]]);
  });

  test("places who was made by a process that knows of one shard on shard 0", async () => {
    const id = newUuid();

    await system.shards[0]!.rows("insert into satang.merchants (bucket, id, name) values ($1, $2, 'By an older version')", [
      bucketOf(id),
      id,
    ]);

    expect(await system.shards[0]!.rows("select shard from satang.bucket_shards where bucket = $1", [bucketOf(id)])).toEqual([
      { shard: 0 },
    ]);
  });

  test("is not migrated with its databases in another order", async () => {
    const [first, second] = system.shards.map(({ url }) => url);

    const migrated = migrate({ DATABASE_URL: second!, DATABASE_SHARD_URLS: first! }, { cache: compileCache, path: process.env.PATH ?? "" });

    await expect(migrated).rejects.toMatchObject({ stdout: expect.stringContaining("says that it is shard 1: put DATABASE_URL and") });
  });
});
