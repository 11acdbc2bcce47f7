import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { probes } from "../workloads/contract.ts";

// Not by an import, which would read the client behind `fetch` as well: 12 MiB.
const http = process.getBuiltinModule("node:http");

interface Management {
  readonly port: number;
  readonly registry: Registry;
  /** What is wrong, in a sentence; undefined: nothing. */
  readonly ready: () => string | undefined;
}

/** Probes and metrics of the operator itself. Live is whoever answers: what is broken beyond that is mended by trying again, not by a restart. */
export async function startManagement({ port, registry, ready }: Management): Promise<{ port: number; close(): void }> {
  const server = http.createServer(async ({ url = "/" }, response) => {
    const say = (problem: string | undefined) =>
      response.writeHead(problem ? 503 : 200, { "content-type": "text/plain; charset=utf-8" }).end(`${problem ?? "ok"}\n`);
    switch (url.split("?")[0]) {
      case probes.live:
        return say(undefined);
      case probes.startup:
      case probes.ready:
        return say(ready());
      case probes.metrics:
        return response.writeHead(200, { "content-type": registry.contentType }).end(await registry.metrics());
      default:
        return response.writeHead(404).end(`there are: ${Object.values(probes).join(" ")}\n`);
    }
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
