import { parsePaymentSystem } from "../../../crds/parse-payment-system.ts";
import { credentialsIn } from "../../../operator/credentials.ts";
import type { Given } from "../../../operator/desired/given.ts";
import { desiredState, type Progress } from "../../../operator/desired/index.ts";
import type { Objects } from "../../../operator/objects.ts";
import type { Scaling } from "../../../operator/scaling/scaling.ts";
import type { System } from "../../../operator/system.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";

export function aSystem(spec: object = {}): System {
  const metadata = { name: "shop", namespace: "trade", uid: "0d9b3b2e-0000-4000-8000-000000000000", generation: 1 };
  const parsed = parsePaymentSystem({ apiVersion: "satang.dev/v1alpha1", kind: "PaymentSystem", metadata, spec });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.system as System;
}

export function aGiven(spec: object = {}, fields: Partial<Given> = {}): Given {
  const system = aSystem(spec);
  const images = { workloads: "registry.test/workloads:1", postgres: "registry.test/postgres:1", redis: "registry.test/redis:1" };
  return {
    system,
    images,
    credentials: credentialsIn(system, {}),
    certificates: aCertificate,
    encryption: "required",
    externals: {},
    scaling: aScaling(),
    shards: system.spec.postgres.shards,
    ...fields,
  };
}

const aCertificate: Given["certificates"] = {
  authority: { certificate: "the authority", key: "the key of the authority" },
  serving: { certificate: "of the server", key: "the key of the server" },
  trusted: ["the authority"],
};

/** As in a cluster whose external metrics are ours, where nothing of the system is made yet. */
export function aScaling(fields: Partial<Scaling> = {}): Scaling {
  const there = { foreign: () => undefined, replicas: () => undefined, isAsleep: () => false };
  return { backend: "external-metrics", why: "", allowsZero: true, ...there, ...fields };
}

/** Everything of a system that has come so far; by default, all the way. */
export function objectsOf(given: Given, progress: Partial<Progress> = {}): KubeObject[] {
  return desiredState(given, { databaseReady: true, migration: () => "done", running: undefined, ...progress }) as KubeObject[];
}

export const podSpecsOf = (objects: readonly KubeObject[]) =>
  objects.flatMap(({ spec }) => (spec?.template?.spec ? [spec.template.spec] : []));

/** What would be seen of a system, were these its objects. */
export function seen(objects: readonly object[]): Objects {
  const all = objects as readonly KubeObject[];
  return {
    get: (kind, name) => all.find((one) => one.kind === kind && one.metadata.name === name) as never,
    list: (kind) => all.filter((one) => one.kind === kind) as never[],
  };
}
