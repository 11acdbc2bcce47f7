import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { probes } from "../contract.ts";
import type { Checks } from "./checks.ts";

// Got, not imported: an import reads everything that the module can give, the HTTP client behind `fetch` included, for 12 MiB.
const { createServer } = process.getBuiltinModule("node:http");

/** Answers a GET with JSON. */
export type JsonRoute = () => unknown;

export type ManagementDeps = {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly live: Checks;
  readonly ready: Checks;
  readonly startup: Checks;
  /** More paths, by path. */
  readonly routes: ReadonlyMap<string, JsonRoute>;
};

/** Probes and metrics on a port of their own, never exposed to merchants. Throws when the port is taken. */
export async function startManagement(deps: ManagementDeps): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response, deps).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, text);
      response.end(`${error instanceof Error ? error.message : error}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(error.code === "EADDRINUSE" ? portTaken(deps, error) : error));
    server.listen(deps.port, deps.host, resolve);
  });
  return {
    url: `http://${deps.host === "0.0.0.0" ? "127.0.0.1" : deps.host}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const text = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };

async function answer(request: IncomingMessage, response: ServerResponse, deps: ManagementDeps): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://management");
  const verbose = searchParams.has("verbose");
  if (request.method !== "GET" && request.method !== "HEAD")
    return void response.writeHead(405, { ...text, allow: "GET" }).end("only GET\n");

  switch (pathname) {
    case probes.live:
      return report(response, deps.live, verbose);
    case probes.ready:
      return report(response, deps.ready, verbose);
    case probes.startup:
      return report(response, deps.startup, verbose);
    case probes.metrics: {
      const figures = await deps.registry.metrics();
      return void response.writeHead(200, { "content-type": deps.registry.contentType }).end(figures);
    }
  }
  const route = deps.routes.get(pathname);
  if (!route) return void response.writeHead(404, text).end(`there are: ${[...Object.values(probes), ...deps.routes.keys()].join(" ")}\n`);
  const body = JSON.stringify(await route());
  response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" }).end(body);
}

async function report(response: ServerResponse, checks: Checks, verbose: boolean): Promise<void> {
  const checked = await checks.run();
  const failed = checked.some(({ problem }) => problem !== undefined);
  const lines = checked.map(({ name, problem }) => (problem === undefined ? `[+] ${name} ok` : `[-] ${name} failed: ${problem}`));
  const body = failed || verbose ? [...lines, failed ? "failed" : "ok"] : ["ok"];
  response.writeHead(failed ? 503 : 200, text).end(`${body.join("\n")}\n`);
}

function portTaken({ host, port }: ManagementDeps, cause: Error): Error {
  return new Error(`port ${port} on ${host} is taken by another process: set MANAGEMENT_PORT to a free one, or to 0 for any`, { cause });
}
