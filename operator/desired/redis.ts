import type { V1Container, V1PodDisruptionBudget, V1Service, V1ServiceAccount, V1StatefulSet } from "@kubernetes/client-node";
import { fingerprint } from "../credentials.ts";
import { envOf } from "./env.ts";
import type { Given } from "./given.ts";
import { nameOf } from "./names.ts";
import { containerDefaults, podDefaults, podMetadata, resourcesOf, temporary, unprivileged } from "./pod.ts";
import { secretParts } from "./secrets.ts";
import { statefulSet } from "./stateful-set.ts";
import { redisPort } from "./stores.ts";
import { disruptionBudget, service, serviceAccount } from "./surroundings.ts";

export const redisPart = "redis";
const part = redisPart;

/** One Redis with a volume, unless somebody else runs it. */
export function redis(given: Given): (V1ServiceAccount | V1Service | V1StatefulSet | V1PodDisruptionBudget)[] {
  const { system, credentials } = given;
  const { backend, storage } = system.spec.redis;
  if (backend === "external") return [];
  const template = {
    metadata: podMetadata(system, part, fingerprint(credentials, credentials.redis.password)),
    spec: {
      ...podDefaults(system, part),
      securityContext: unprivileged(100, 101), // Debian's `redis`
      terminationGracePeriodSeconds: 30,
      containers: [container(given)],
      volumes: [temporary.volume],
    },
  };
  return [
    serviceAccount(system, part),
    service(system, part, { name: "redis", port: redisPort, targetPort: "redis" }),
    statefulSet(system, { part, template, storage }),
    disruptionBudget(system, part),
  ];
}

function container({ system, images }: Given): V1Container {
  const { resources, parameters } = system.spec.redis;
  const password = { secret: nameOf(system, secretParts.redis), key: "password" };
  // REDISCLI_AUTH is what redis-cli logs in with. While it loads its file it answers, but not PONG.
  const answers = (words: string) => ({ exec: { command: ["sh", "-c", `redis-cli ping | grep -Eq '${words}'`] }, timeoutSeconds: 3 });
  return {
    name: "redis",
    image: images.redis,
    args: Object.entries(parameters).flatMap(([name, value]) => [`--${name}`, value]),
    env: envOf<{ REDIS_PASSWORD: string; REDISCLI_AUTH: string }>({ REDIS_PASSWORD: password, REDISCLI_AUTH: "$(REDIS_PASSWORD)" }),
    ports: [{ name: "redis", containerPort: redisPort, protocol: "TCP" }],
    resources: resourcesOf(resources),
    startupProbe: { ...answers("PONG|LOADING"), periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...answers("PONG"), periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...answers("PONG|LOADING"), periodSeconds: 10, failureThreshold: 6 },
    ...containerDefaults,
    volumeMounts: [{ name: "data", mountPath: "/data" }, temporary.mount],
  };
}
