import { isDeepStrictEqual } from "node:util";
import type { Kube } from "../kube/kube.ts";
import { reasonOf } from "../kube/kube-error.ts";
import { fieldManager, label, managedBy } from "../labels.ts";
import { group, version } from "./documents.ts";

export const apiServiceName = `${version}.${group}`;

export type OurService = { readonly namespace: string; readonly name: string; readonly port: number };

/** Who serves external metrics in this cluster. There can be one only, and whoever else is there keeps it. */
export type Served =
  | { readonly by: "nobody" }
  /** `caBundle`: PEM of the authorities that the API server trusts us by. */
  | { readonly by: "us"; readonly available: boolean; readonly message: string; readonly caBundle: string }
  | { readonly by: "keda" | "another"; readonly service: string }
  /** We may not look, and so not register: the installation is for some namespaces only. */
  | { readonly by: "unknown" };

export async function whoServes(kube: Pick<Kube, "get">, ours: OurService): Promise<Served> {
  const found = await kube.get("APIService", { name: apiServiceName }).catch((error) => {
    if (reasonOf(error) !== "Forbidden") throw error;
    return "forbidden" as const;
  });
  if (found === "forbidden") return { by: "unknown" };
  if (!found) return { by: "nobody" };
  const { service, caBundle = "" } = (found.spec ?? {}) as Spec;
  if (isOf(service, ours)) {
    const conditions = (found.status as { conditions?: { type: string; status: string; message?: string }[] } | undefined)?.conditions;
    const available = conditions?.find(({ type }) => type === "Available");
    const told = { available: available?.status === "True", message: available?.message ?? "not looked at yet" };
    return { by: "us", ...told, caBundle: Buffer.from(caBundle, "base64").toString() };
  }
  const name = `${service?.namespace ?? ""}/${service?.name ?? "the API server itself"}`;
  return { by: /keda/i.test(name) ? "keda" : "another", service: name };
}

type Spec = { service?: { namespace?: string; name?: string }; caBundle?: string };

const isOf = (service: Spec["service"], { namespace, name }: OurService): boolean =>
  service?.namespace === namespace && service.name === name;

/**
 * Tells the API server to ask us, and whom to trust; asks for nothing that is so already, nor where another has come between. It belongs to the ClusterRole
 * of that name: an APIService that nobody answers keeps every namespace of the cluster from being deleted, so it goes with what the installation took.
 */
export async function register(
  kube: Pick<Kube, "get" | "apply">,
  { service, caBundle, clusterRole }: { service: OurService; caBundle: string; clusterRole: string },
): Promise<void> {
  const { namespace, name, port } = service;
  const spec = {
    group,
    version,
    groupPriorityMinimum: 100,
    versionPriority: 100,
    service: { namespace, name, port },
    caBundle: Buffer.from(caBundle).toString("base64"),
  };
  const found = await kube.get("APIService", { name: apiServiceName });
  if (found && (isDeepStrictEqual(found.spec, spec) || !isOf((found.spec as Spec).service, service))) return;
  const role = await kube.get("ClusterRole", { name: clusterRole });
  if (!role || role.metadata.deletionTimestamp)
    throw new Error(`there is no ClusterRole ${clusterRole}, with which the APIService would go`);
  const { apiVersion, kind, metadata } = role;
  const ownerReferences = [{ apiVersion, kind, name: clusterRole, uid: metadata.uid }];
  await kube.apply(
    {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: {
        name: apiServiceName,
        labels: { [label.managedBy]: managedBy },
        ownerReferences,
        ...(found && { resourceVersion: found.metadata.resourceVersion }),
      },
      spec,
    },
    // One that was not there, or not so, a moment ago is another's: the API server then refuses, and the next look leaves it in peace.
    { fieldManager: fieldManager.objects, force: found !== undefined },
  );
}
