import { connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { openDatabase } from "../../../workloads/store/database.ts";
import { startDatabase } from "./database.ts";

test("a primary that falls silent costs one timeout, not one for each connection that was open to it", async () => {
  await using database = await startDatabase();
  await using line = await silentLine(database.urlOf("api"));
  const pool = openDatabase({ url: line.url, connections: 4, applicationName: "test" });
  const ask = () => pool.query("select 1");
  await Promise.all([ask(), ask(), ask(), ask()]);
  expect(pool.idleCount).toBe(4);

  line.fallSilent(); // what is open hangs; who comes anew is served, as by the next primary
  await expect(ask()).rejects.toThrow("Query read timeout");
  await new Promise((resolve) => setTimeout(resolve, 100)); // they are gone a moment later
  const begun = performance.now();
  await Promise.all([ask(), ask(), ask()]);

  expect(performance.now() - begun).toBeLessThan(10_000);
  await pool.end();
});

/** A way to a database that can be cut without anybody being told. */
async function silentLine(url: string): Promise<AsyncDisposable & { url: string; fallSilent(): void }> {
  const target = new URL(url);
  const open = new Set<Socket>();
  const server = createServer((caller) => {
    const inside = connect(Number(target.port), target.hostname);
    for (const socket of [caller, inside]) {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        open.delete(socket);
        caller.destroy();
        inside.destroy();
      });
    }
    caller.pipe(inside).pipe(caller);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const own = new URL(url);
  own.hostname = "127.0.0.1";
  own.port = String((server.address() as { port: number }).port);
  return {
    url: own.href,
    fallSilent() {
      for (const socket of open) socket.unpipe().pause();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
