import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { type ApiServer, startApiServer } from "../../cluster/api-server.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";

export type Answer = { readonly status: number; readonly body: KubeObject };

/** An API server that knows our definition. */
export interface DefinitionServer extends ApiServer {
  /** Below `/apis/satang.dev/v1alpha1/namespaces/default/paymentsystems`; faster than kubectl, and says why in fields. */
  send(method: "POST" | "PUT" | "DELETE", path: string, body?: object): Promise<Answer>;
}

/** One for all tests of the `describe` in which this is called. */
export function definitionServer(): () => DefinitionServer {
  let server: DefinitionServer | undefined;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  return () => {
    if (!server) throw new Error("the server is there once the tests run");
    return server;
  };
}

async function start(): Promise<DefinitionServer> {
  const server = await startApiServer();
  const read = (name: string) => readFileSync(join(server.certificates, name));
  const agent = new Agent({ keepAlive: true, ca: read("ca.crt"), cert: read("admin.crt"), key: read("admin.key") });
  const send: DefinitionServer["send"] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const url = `${server.url}/apis/satang.dev/v1alpha1/namespaces/default/paymentsystems${path}`;
      const call = request(url, { method, agent, headers: { "content-type": "application/json" } }, async (response) => {
        const text = (await response.setEncoding("utf8").toArray()).join("");
        resolve({ status: response.statusCode!, body: JSON.parse(text) });
      });
      call.on("error", reject).end(body && JSON.stringify(body));
    });
  await server.kubectl("apply", "--server-side", "--filename", definitionFile);
  await server.wait("crd/paymentsystems.satang.dev", "condition=Established");
  return {
    ...server,
    send,
    async [Symbol.asyncDispose]() {
      agent.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

const definitionFile = new URL("../../../crds/payment-system.yaml", import.meta.url).pathname;
