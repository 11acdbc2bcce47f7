import type { V1Container, V1EnvVar, V1PodTemplateSpec, V1Probe } from "@kubernetes/client-node";
import { fingerprint } from "../credentials.ts";
import { envOf } from "./env.ts";
import type { Given } from "./given.ts";
import { nameOf } from "./names.ts";
import { containerDefaults, podDefaults, podMetadata, resourcesOf, temporary, unprivileged } from "./pod.ts";
import { secretParts } from "./secrets.ts";
import { redisLogin, redisPort, sentinelPort } from "./stores.ts";

const scripts = "/usr/local/lib/satang";

/** One member, as `workloads/redis` has it: a server and, of several members, its Sentinel. */
export function redisMember(given: Given, part: string): V1PodTemplateSpec {
  const { system, credentials } = given;
  return {
    metadata: podMetadata(system, part, fingerprint(credentials, credentials.redis.password)),
    spec: {
      ...podDefaults(system, part),
      securityContext: unprivileged(100, 101), // Debian's `redis`
      terminationGracePeriodSeconds: 30, // a master takes up to 8 s to hand over
      ...(isSet(given) && { initContainers: [sentinel(given, part)] }),
      containers: [server(given, part)],
      volumes: [temporary.volume],
    },
  };
}

const isSet = ({ system }: Given): boolean => system.spec.redis.replicas > 1;

function server(given: Given, part: string): V1Container {
  const { resources, parameters } = given.system.spec.redis;
  // While it loads its file it answers, but not PONG.
  const answers = (words: string) => shell(`redis-cli --user ${redisLogin.members} ping | grep -Eq '${words}'`);
  const serves = shell(`redis-cli --user ${redisLogin.members} info replication | grep -Eq '^(role:master|master_link_status:up)'`);
  return {
    name: "redis",
    image: given.images.redis,
    args: Object.entries(parameters).flatMap(([name, value]) => [`--${name}`, value]),
    env: env(given, part),
    ports: [{ name: "redis", containerPort: redisPort, protocol: "TCP" }],
    resources: resourcesOf(resources),
    startupProbe: { ...answers("PONG|LOADING"), periodSeconds: 1, failureThreshold: 120 },
    readinessProbe: { ...serves, periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...answers("PONG|LOADING"), periodSeconds: 10, failureThreshold: 6 },
    ...(isSet(given) && { lifecycle: { preStop: { exec: { command: [`${scripts}/hand-over.sh`] } } } }),
    ...containerDefaults,
    volumeMounts: [{ name: "data", mountPath: "/data" }, temporary.mount],
  };
}

/** Beside the server for all of its life: it starts before, and ends after it, so that a master which ends can hand over. */
function sentinel(given: Given, part: string): V1Container {
  const answers = shell(`redis-cli -p ${sentinelPort} --user ${redisLogin.members} ping | grep -q PONG`);
  return {
    name: "sentinel",
    image: given.images.redis,
    command: [`${scripts}/sentinel.sh`],
    restartPolicy: "Always",
    env: env(given, part),
    ports: [{ name: "sentinel", containerPort: sentinelPort, protocol: "TCP" }],
    resources: resourcesOf({ cpu: "20m", memory: "64Mi" }),
    startupProbe: { ...answers, periodSeconds: 1, failureThreshold: 120 },
    livenessProbe: { ...answers, periodSeconds: 10, failureThreshold: 6 },
    ...containerDefaults,
    volumeMounts: [{ name: "data", mountPath: "/data" }, temporary.mount],
  };
}

const shell = (command: string): Pick<V1Probe, "exec" | "timeoutSeconds"> => ({
  exec: { command: ["sh", "-c", command] },
  timeoutSeconds: 3,
});

function env({ system }: Given, part: string): V1EnvVar[] {
  const secret = nameOf(system, secretParts.redis);
  return [
    { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    ...envOf<Record<string, string>>({
      SERVICE: nameOf(system, part),
      MEMBERS: String(system.spec.redis.replicas),
      REDIS_PASSWORD: { secret, key: "password" },
      REDISCLI_AUTH: { secret, key: "members" }, // where redis-cli looks for its password
    }),
  ];
}
