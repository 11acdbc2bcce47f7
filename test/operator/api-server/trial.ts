import { afterAll, beforeAll } from "vitest";
import { client } from "../../../operator/kube/client.ts";
import { type Kind, kinds, type ObjectOf } from "../../../operator/kube/kinds.ts";
import type { Kube } from "../../../operator/kube/kube.ts";
import { reasonOf } from "../../../operator/kube/kube-error.ts";
import { intentAnnotation } from "../../../operator/labels.ts";
import { type OwnedKind, ownedKinds } from "../../../operator/objects.ts";
import { eventually } from "../../cluster/eventually.ts";
import { accessOf } from "../kube/access-of.ts";
import { allGoesWell } from "./all-goes-well.ts";
import { type Installation, installation } from "./installation.ts";

export const namespace = "trade";
export type Labelled = ObjectOf<OwnedKind>;

/** What tests without pods need: an API server with the operator's definition and rights, where whatever is asked for is so at once. */
export function trial() {
  const server = installation();
  let admin: (Kube & AsyncDisposable) | undefined;
  let well: AsyncDisposable | undefined;
  beforeAll(async () => {
    admin = client(accessOf(server()));
    await admin.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    well = allGoesWell(admin);
  });
  afterAll(async () => {
    await well?.[Symbol.asyncDispose]();
    await admin?.[Symbol.asyncDispose]();
  });
  const kube = () => admin!;
  return {
    server,
    kube,
    make: (name: string, spec: object = {}) =>
      kube().apply(
        { apiVersion: kinds.PaymentSystem.apiVersion, kind: "PaymentSystem", metadata: { name, namespace }, spec },
        { fieldManager: "test" },
      ),
    system: async (name: string) => (await kube().get("PaymentSystem", { namespace, name }))!,
    ready: (name: string, withinSeconds = 120) =>
      eventually(
        async () => {
          const { metadata, status } = (await kube().get("PaymentSystem", { namespace, name }))! as ObjectOf<"PaymentSystem"> & {
            status?: StatusOf;
          };
          const ready = status?.conditions?.find(({ type }) => type === "Ready");
          if (ready?.status !== "True" || status?.observedGeneration !== metadata.generation)
            throw new Error(`${name} is not ready: ${JSON.stringify(ready)}`);
        },
        { withinSeconds },
      ),
    /** Everything that the operator has made of a system. */
    async parts(name: string): Promise<Labelled[]> {
      const labelSelector = `app.kubernetes.io/instance=${name}`;
      const lists = await Promise.all(
        ownedKinds.map((kind) =>
          kube()
            .list(kind as Kind, { namespace, labelSelector })
            .catch((error) => {
              if (reasonOf(error) !== "NotFound") throw error;
              return []; // a kind of others that are not installed
            }),
        ),
      );
      return (lists.flat() as Labelled[]).filter(({ metadata }) => metadata.annotations?.[intentAnnotation] !== undefined);
    },
  };
}

export type Trial = ReturnType<typeof trial>;
export type { Installation };

interface StatusOf {
  observedGeneration?: number;
  conditions?: { type: string; status: string; reason: string; message: string }[];
}
