import pg from "pg";
import { type LoginRole, loginOf, type Seed } from "../contract.ts";
import { bucketOf, newUuid } from "../payment/id.ts";

/**
 * Makes login users and first merchants as `Seed` says, on shard 0 of so many. Running it again changes nothing but the passwords; where
 * there are more shards, the others need the logins too.
 */
export async function seed(databaseUrl: string, { logins = {}, merchants = [] }: Seed, shards = 1): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "satang-seed", connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    for (const [role, password] of Object.entries(logins) as [LoginRole, string | undefined][])
      if (password) await login(client, role, password);
    await client.query("select set_config('satang.shards', $1, false)", [shards]); // over which a new merchant may be placed
    for (const merchant of merchants) await insertMerchant(client, merchant);
  } finally {
    await client.end();
  }
}

async function login(client: pg.Client, role: LoginRole, password: string): Promise<void> {
  const name = client.escapeIdentifier(loginOf(role));
  const { rows } = await client.query("select from pg_roles where rolname = $1", [loginOf(role)]);
  const verb = rows.length > 0 ? "alter" : "create";
  await client.query(`${verb} role ${name} login password ${client.escapeLiteral(password)}`);
  await client.query(`grant ${client.escapeIdentifier(`satang_${role}`)} to ${name}`);
}

async function insertMerchant(client: pg.Client, { id, name, keys }: NonNullable<Seed["merchants"]>[number]): Promise<void> {
  const bucket = bucketOf(id);
  await client.query("insert into satang.merchants (bucket, id, name) values ($1, $2, $3) on conflict do nothing", [bucket, id, name]);
  for (const { mode, hash } of keys) {
    await client.query(
      "insert into satang.api_keys (bucket, merchant_id, id, key_hash, mode, hint) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
      [bucket, id, newUuid(), Buffer.from(hash, "hex"), mode, `sk_${mode}_…`],
    );
  }
}
