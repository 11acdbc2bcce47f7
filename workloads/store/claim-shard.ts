import pg from "pg";

/**
 * Says to a migrated database which shard it is; a second time it must be the same. Throws when it is another: to give a merchant's
 * requests to a shard that has nothing of him would make his payments twice.
 */
export async function claimShard(databaseUrl: string, number: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "satang-migrate", connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query("insert into satang.this_shard (number) values ($1) on conflict do nothing", [number]);
    const { rows } = await client.query<{ number: number }>("select number from satang.this_shard");
    const is = rows[0]!.number;
    if (is !== number)
      throw new Error(
        `the database of shard ${number} says that it is shard ${is}: put DATABASE_URL and DATABASE_SHARD_URLS into their order`,
      );
  } finally {
    await client.end();
  }
}
