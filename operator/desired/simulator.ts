import type { V1Service, V1ServiceAccount, V1StatefulSet } from "@kubernetes/client-node";
import { ports, type SimulatorEnv } from "../../workloads/contract.ts";
import { fingerprint } from "../credentials.ts";
import type { System } from "../system.ts";
import { serviceUrl } from "./api.ts";
import { envOf } from "./env.ts";
import type { Given } from "./given.ts";
import { nameOf } from "./names.ts";
import { processPod, resourcesOf } from "./pod.ts";
import { toldEvents } from "./provider-events.ts";
import { statefulSet } from "./stateful-set.ts";
import { service, serviceAccount } from "./surroundings.ts";

const part = "simulator";

/** The provider that moves no money, where one is named. It remembers its effects on a volume, as a real one would. */
export function simulator(given: Given): (V1ServiceAccount | V1Service | V1StatefulSet)[] {
  const { system } = given;
  if (!system.spec.providers.some(({ kind }) => kind === "simulator")) return [];
  const template = processPod(given, {
    part,
    role: "simulator",
    env: envOf<SimulatorEnv>({ DATA: "/data", ...toldEvents(given, serviceUrl(system)) }),
    resources: resourcesOf({ cpu: "50m", memory: "256Mi" }),
    ports: [{ name: "http", containerPort: ports.simulator, protocol: "TCP" }],
    fingerprint: fingerprint(given.credentials, given.credentials.events.secret),
    volume: "data",
  });
  return [
    serviceAccount(system, part),
    service(system, part, { name: "http", port: ports.simulator, targetPort: "http" }),
    statefulSet(system, { part, template, storage: { size: "1Gi", className: system.spec.postgres.storage.className } }),
  ];
}

export const simulatorUrl = (system: System): string => `http://${nameOf(system, part)}:${ports.simulator}`;
