import { afterAll, beforeAll } from "vitest";
import { client } from "../../../operator/kube/client.ts";
import type { ObjectOf } from "../../../operator/kube/kinds.ts";
import type { Kube } from "../../../operator/kube/kube.ts";
import type { OwnedKind } from "../../../operator/objects.ts";
import { accessOf } from "../kube/access-of.ts";
import { allGoesWell } from "./all-goes-well.ts";
import { type Installation, startInstallation } from "./installation.ts";
import { systemsOf } from "./systems.ts";

export const namespace = "trade";
export type Labelled = ObjectOf<OwnedKind>;

/** What tests without pods need: an API server with the operator's definition and rights, where whatever is asked for is so at once. */
export function trial() {
  let installed: Installation | undefined;
  let admin: (Kube & AsyncDisposable) | undefined;
  let well: AsyncDisposable | undefined;
  beforeAll(async () => {
    installed = await startInstallation();
    admin = client(accessOf(installed));
    await admin.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    well = allGoesWell(admin);
  });
  afterAll(async () => {
    await well?.[Symbol.asyncDispose]();
    await admin?.[Symbol.asyncDispose]();
    await installed?.[Symbol.asyncDispose]();
  });
  const kube = () => admin!;
  const server = (): Installation => {
    if (!installed) throw new Error("the API server is there once the tests run");
    return installed;
  };
  return { server, kube, ...systemsOf(kube, namespace) };
}

export type Trial = ReturnType<typeof trial>;
export type { Installation };
