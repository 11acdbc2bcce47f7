import pg from "pg";
import { atDatabase } from "../../../../operator/local/postgres.ts";
import { eventually } from "../../../cluster/eventually.ts";
import type { Standby } from "../../../support/standby.ts";
import type { Cause } from "../cause.ts";
import type { SteadyShop } from "../steady-shop.ts";

export function replicaBehind({ name }: SteadyShop, standby: Standby): Cause {
  return {
    alerts: ["SatangReplicaBehind"],
    what: "a standby that receives and does not replay",
    labels: { system: name, replica: "0" },
    produce: () => standby.delay(3_600),
    end: () => eventually(() => standby.delay(0)), // what it replays then may cancel the very statement
  };
}

/** What befalls the database of a shop, one after the other. */
export function databaseCauses({ name, system }: SteadyShop): Cause[] {
  const labels = { system: name };
  const database = new URL(system.databaseUrl).pathname.slice(1);
  return [
    {
      alerts: ["SatangAcceptSlow"],
      what: "somebody who locks the payments again and again",
      labels,
      async produce(fired) {
        const lock = "begin; lock table satang.payments in share row exclusive mode; select pg_sleep(1.2); commit";
        while (!fired.aborted) await system.sql(lock);
      },
    },
    {
      alerts: ["SatangStatementsFail", "SatangShardAway", "SatangErrorBudgetBurnsFast", "SatangErrorBudgetBurnsSlowly"],
      what: "a database that takes no connection",
      labels,
      async produce() {
        await asOwner(system.databaseUrl, [
          `alter database ${database} with allow_connections false`,
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`,
        ]);
      },
      end: () => asOwner(system.databaseUrl, [`alter database ${database} with allow_connections true`]),
    },
  ];
}

async function asOwner(url: string, statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: atDatabase(url, "postgres") });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
