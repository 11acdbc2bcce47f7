import { isDeepStrictEqual } from "node:util";
import type { Kube } from "../kube/kube.ts";
import { fieldManager, label, managedBy } from "../labels.ts";
import { group, version } from "./documents.ts";

export const apiServiceName = `${version}.${group}`;

export type OurService = { readonly namespace: string; readonly name: string; readonly port: number };

/** Who serves external metrics in this cluster. There can be one only, and whoever else is there keeps it. */
export type Served =
  | { readonly by: "nobody" }
  | { readonly by: "us"; readonly available: boolean; readonly message: string }
  | { readonly by: "keda" | "another"; readonly service: string };

export async function whoServes(kube: Pick<Kube, "get">, ours: OurService): Promise<Served> {
  const found = await kube.get("APIService", { name: apiServiceName });
  if (!found) return { by: "nobody" };
  const service = (found.spec as { service?: { namespace?: string; name?: string } } | undefined)?.service;
  if (service?.namespace === ours.namespace && service?.name === ours.name) {
    const conditions = (found.status as { conditions?: { type: string; status: string; message?: string }[] } | undefined)?.conditions;
    const available = conditions?.find(({ type }) => type === "Available");
    return { by: "us", available: available?.status === "True", message: available?.message ?? "not looked at yet" };
  }
  const name = `${service?.namespace ?? ""}/${service?.name ?? "the API server itself"}`;
  return { by: /keda/i.test(name) ? "keda" : "another", service: name };
}

/** Tells the API server to ask us, and whom to trust; asks for nothing that is so already. Never called while another serves. */
export async function register(
  kube: Pick<Kube, "get" | "apply">,
  { service, caBundle }: { service: OurService; caBundle: string },
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
  if (found && isDeepStrictEqual(found.spec, spec)) return;
  const metadata = { name: apiServiceName, labels: { [label.managedBy]: managedBy } };
  await kube.apply(
    { apiVersion: "apiregistration.k8s.io/v1", kind: "APIService", metadata, spec },
    { fieldManager: fieldManager.objects, force: true },
  );
}

/** First of all when we go: an APIService that nobody answers keeps every namespace of the cluster from being deleted. */
export async function deregister(kube: Pick<Kube, "get" | "delete">, ours: OurService): Promise<void> {
  if ((await whoServes(kube, ours)).by === "us") await kube.delete("APIService", { name: apiServiceName });
}
