import { type Kind, kinds, type ObjectOf } from "../../../operator/kube/kinds.ts";
import type { Kube } from "../../../operator/kube/kube.ts";
import { reasonOf } from "../../../operator/kube/kube-error.ts";
import { intentAnnotation } from "../../../operator/labels.ts";
import { type OwnedKind, ownedKinds } from "../../../operator/objects.ts";
import { eventually } from "../../cluster/eventually.ts";

/** Makes systems in a namespace and looks at them, as their owner would. */
export function systemsOf(kube: () => Kube, namespace: string) {
  return {
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
    async parts(name: string): Promise<ObjectOf<OwnedKind>[]> {
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
      return (lists.flat() as ObjectOf<OwnedKind>[]).filter(({ metadata }) => metadata.annotations?.[intentAnnotation] !== undefined);
    },
  };
}

interface StatusOf {
  observedGeneration?: number;
  conditions?: { type: string; status: string; reason: string; message: string }[];
}
