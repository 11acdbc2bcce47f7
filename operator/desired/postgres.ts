import type { V1Container, V1PodDisruptionBudget, V1Service, V1ServiceAccount, V1StatefulSet } from "@kubernetes/client-node";
import { fingerprint } from "../credentials.ts";
import { envOf } from "./env.ts";
import type { Given } from "./given.ts";
import { nameOf } from "./names.ts";
import { containerDefaults, podDefaults, podMetadata, resourcesOf, temporary, unprivileged } from "./pod.ts";
import { secretParts } from "./secrets.ts";
import { statefulSet } from "./stateful-set.ts";
import { databasePort } from "./stores.ts";
import { disruptionBudget, service, serviceAccount } from "./surroundings.ts";

export const postgresPart = "postgres";
const part = postgresPart;

/** One PostgreSQL with a volume, unless somebody else runs it. */
export function postgres(given: Given): (V1ServiceAccount | V1Service | V1StatefulSet | V1PodDisruptionBudget)[] {
  const { system, credentials } = given;
  const { backend, storage } = system.spec.postgres;
  if (backend === "external") return [];
  const template = {
    metadata: podMetadata(system, part, fingerprint(credentials, credentials.postgres.owner)),
    spec: {
      ...podDefaults(system, part),
      securityContext: unprivileged(100, 102), // Debian's `postgres`
      terminationGracePeriodSeconds: 60,
      containers: [container(given)],
      volumes: [temporary.volume],
    },
  };
  return [
    serviceAccount(system, part),
    service(system, part, { name: "postgres", port: databasePort, targetPort: "postgres" }),
    statefulSet(system, { part, template, storage }),
    disruptionBudget(system, part),
  ];
}

function container({ system, images }: Given): V1Container {
  const { resources, parameters } = system.spec.postgres;
  const ready = { exec: { command: ["pg_isready", "--quiet", "--host=127.0.0.1", "--username=satang"] }, timeoutSeconds: 3 };
  return {
    name: "postgres",
    image: images.postgres,
    args: Object.entries(parameters).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    env: envOf<{ POSTGRES_PASSWORD: string }>({ POSTGRES_PASSWORD: { secret: nameOf(system, secretParts.postgres), key: "owner" } }),
    ports: [{ name: "postgres", containerPort: databasePort, protocol: "TCP" }],
    resources: resourcesOf(resources),
    startupProbe: { ...ready, periodSeconds: 1, failureThreshold: 600 }, // after a crash it may have much to replay
    readinessProbe: { ...ready, periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...ready, periodSeconds: 10, failureThreshold: 9 },
    ...containerDefaults,
    volumeMounts: [{ name: "data", mountPath: "/data" }, temporary.mount],
  };
}
