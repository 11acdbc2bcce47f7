import { afterAll, afterEach, beforeAll } from "vitest";
import { client } from "../../../operator/kube/client.ts";
import type { Kube } from "../../../operator/kube/kube.ts";
import { type ApiServer, startApiServer } from "../../cluster/api-server.ts";
import { accessOf } from "./access-of.ts";

/** One API server for all tests of the `describe` in which this is called, the namespace `trial` on it, and a client of ours that reaches it undisturbed. */
export function sharedApiServer(): { server: () => ApiServer; kube: () => Kube } {
  let server: ApiServer | undefined;
  let kube: (Kube & AsyncDisposable) | undefined;
  beforeAll(async () => {
    server = await startApiServer();
    kube = client(accessOf(server));
    await kube.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "trial" } });
  });
  afterEach(async () => {
    const left = await kube!.list("ConfigMap", { namespace: "trial" });
    await Promise.all(left.map(({ metadata }) => kube!.delete("ConfigMap", metadata)));
  });
  afterAll(async () => {
    await kube?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
  });
  return { server: () => server!, kube: () => kube! };
}

/** A small object of the `trial` namespace. */
export const aConfigMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = { part: "watched" }) => ({
  apiVersion: "v1",
  kind: "ConfigMap" as const,
  metadata: { namespace: "trial", name, labels },
  data,
});
