import pg from "pg";
import type { Books } from "./books.ts";
import { checkBooks } from "./check-books.ts";
import { closeBooks } from "./close-books.ts";
import { numbers } from "./database.ts";
import { foldBooks } from "./fold-books.ts";

/**
 * The books on one shard's primary, by a connection of their own: what sums over stretches of tables is planned as Postgres plans, not as the
 * store's statements must be.
 */
export function openBooks({
  url,
  applicationName,
  onIdleError = () => {},
}: {
  url: string;
  applicationName: string;
  onIdleError?: (error: Error) => void;
}): Books {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1, // one step at a time
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    query_timeout: 70_000,
    keepAlive: true,
    types: numbers,
    onConnect: (client) =>
      client.query("set statement_timeout = '60s'; set idle_in_transaction_session_timeout = '10s'; set jit = off").then(() => {}),
  });
  pool.on("error", onIdleError); // without a listener an idle connection that breaks would end the process
  pool.on("connect", (client) => client.on("error", () => {})); // as would one in use, between two statements: the next one tells

  async function inTransaction<T>(step: (tx: pg.ClientBase) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    let done = false;
    try {
      await client.query("begin");
      const result = await step(client);
      await client.query("commit");
      done = true;
      return result;
    } finally {
      client.release(!done); // a broken transaction goes with its connection
    }
  }

  return {
    async close() {
      await pool.query(closeBooks);
    },
    fold: () => inTransaction(foldBooks),
    check: () => inTransaction(checkBooks),
    end: () => pool.end(),
  };
}
