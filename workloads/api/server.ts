import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { drainSeconds } from "../contract.ts";
import { isOpen } from "../payment/operation.ts";
import type { MerchantStore } from "../store/merchant-store.ts";
import { type AppDeps, app } from "./app.ts";
import { answerBrokenRequests } from "./broken-requests.ts";
import { Waiting } from "./waiting.ts";

// Got, not imported: see telemetry/management.ts.
const { createServer } = process.getBuiltinModule("node:http");

export type ApiDeps = Omit<AppDeps, "isEnding" | "waiting" | "waitingForFollowUps"> & {
  readonly store: MerchantStore;
  readonly host: string;
  readonly port: number;
  readonly sharePort: boolean;
};

// Clients and load balancers keep a quiet connection for 60 s at most; ours must not be the end that closes first.
const keepAliveMs = 65_000;
// From the first byte of a request; a quiet connection does not count.
const headersMs = 20_000;
const requestMs = 30_000;
const maxConnections = 10_000;
// Merchants who pay all the time come back within this.
const farewellMs = 2_000;

/**
 * Serves the merchants' API. `close` answers those who wait, lets whoever is connected go with his next answer, takes no more connections, lets requests
 * in hand finish, and cuts what is left after the drain. Throws when the port is taken.
 */
export async function startApi(deps: ApiDeps): Promise<{ url: string; close(): Promise<void> }> {
  const { store } = deps;
  const waiting = new Waiting({ read: store.payment, isSettled: ({ status }) => status !== "processing" });
  const waitingForFollowUps = new Waiting({ read: store.followUp, isSettled: ({ state }) => !isOpen(state) });
  let ending = false;
  const routes = app({ ...deps, waiting, waitingForFollowUps, isEnding: () => ending });

  // The Host header is checked by us, so that its absence gets an answer like every other fault.
  const server = createServer(
    {
      requireHostHeader: false,
      keepAliveTimeout: keepAliveMs,
      requestTimeout: requestMs,
      headersTimeout: headersMs,
      connectionsCheckingInterval: 5_000,
    },
    routes,
  );
  server.maxConnections = maxConnections;
  answerBrokenRequests(server, deps);
  await listening(server, deps);

  return {
    url: `http://${deps.host === "0.0.0.0" ? "127.0.0.1" : deps.host}:${(server.address() as AddressInfo).port}`,
    async close() {
      ending = true;
      waiting.end();
      waitingForFollowUps.end();
      await untilAlone(server);
      const cut = setTimeout(() => server.closeAllConnections(), (drainSeconds - 1) * 1000);
      await new Promise((resolve) => server.close(resolve));
      clearTimeout(cut);
    },
  };
}

/** A quiet connection that we close may be carrying the next request already, and that would be lost. So each is closed by an answer that says so, while there is time. */
async function untilAlone(server: Server): Promise<void> {
  const deadline = performance.now() + farewellMs;
  while (performance.now() < deadline && (await connections(server)) > 0) await sleep(20);
}

const connections = (server: Server): Promise<number> => new Promise((resolve) => server.getConnections((_, count) => resolve(count ?? 0)));

function listening(server: Server, { host, port, sharePort }: ApiDeps): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "EADDRINUSE"
          ? new Error(`port ${port} on ${host} is taken by another process: set PORT to a free one`, { cause: error })
          : error,
      );
    });
    server.listen({ port, host, reusePort: sharePort }, resolve);
  });
}
