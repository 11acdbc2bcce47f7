import type { V1Container, V1PodTemplateSpec, V1Probe, V1VolumeMount } from "@kubernetes/client-node";
import { fingerprint } from "../credentials.ts";
import type { System } from "../system.ts";
import { certificatesIn, encrypts } from "./encryption.ts";
import type { FromSecret } from "./env.ts";
import { envOf } from "./env.ts";
import type { Given } from "./given.ts";
import { nameOf } from "./names.ts";
import { databaseLogin, followsLabel, memberLabels, patroniPort } from "./patroni.ts";
import { containerDefaults, podDefaults, podMetadata, resourcesOf, temporary, unprivileged } from "./pod.ts";
import { secretParts } from "./secrets.ts";
import { settingsPart } from "./shards.ts";
import { databasePort } from "./stores.ts";

/** The pod of one member of a replica set. */
export function postgresMember(given: Given, part: string): V1PodTemplateSpec {
  const { system, credentials } = given;
  const { owner, replicator, rewinder, patroni } = credentials.postgres;
  const certificates = certificatesIn(system, "ca.crt", "tls.crt", "tls.key");
  return {
    metadata: {
      ...podMetadata(system, part, fingerprint(credentials, owner, replicator, rewinder, patroni), encrypts),
      labels: { ...memberLabels(system, part), [followsLabel]: "closely" },
    },
    spec: {
      ...podDefaults(system, part),
      automountServiceAccountToken: true, // members elect through the API server; their Role lets them do no more
      securityContext: unprivileged(100, 102), // Debian's `postgres`
      terminationGracePeriodSeconds: 60, // it hands its role over first, and writes everything
      containers: [container(given, certificates.mount)],
      volumes: [
        temporary.volume,
        certificates.volume,
        { name: "settings", configMap: { name: nameOf(system, settingsPart(part)) } },
        { name: "passwords", secret: { secretName: nameOf(system, secretParts.postgres), items: usersOfServer, defaultMode: 0o440 } },
      ],
    },
  };
}

function container({ system, images }: Given, certificates: V1VolumeMount): V1Container {
  return {
    name: "postgres",
    image: images.postgres,
    env: [...ownNames, ...envOf<Record<string, string>>({ ...logins(system), ...addresses })],
    ports: [
      { name: "postgres", containerPort: databasePort, protocol: "TCP" },
      { name: "patroni", containerPort: patroniPort, protocol: "TCP" },
    ],
    resources: resourcesOf(system.spec.postgres.resources),
    startupProbe: { ...answers("/liveness"), periodSeconds: 1, failureThreshold: 120 },
    readinessProbe: { ...answers("/readiness"), periodSeconds: 2, failureThreshold: 2 },
    livenessProbe: { ...answers("/liveness"), timeoutSeconds: 5, periodSeconds: 10, failureThreshold: 9 }, // longer than an outage of the network lasts
    ...containerDefaults,
    volumeMounts: [
      { name: "data", mountPath: "/data" },
      { name: "settings", mountPath: "/etc/satang/settings", readOnly: true },
      { name: "passwords", mountPath: "/etc/satang/passwords", readOnly: true }, // a change of the Secret shows here, and not in variables
      certificates,
      temporary.mount,
    ],
  };
}

const usersOfServer = ["owner", "replicator", "rewinder"].map((key) => ({ key, path: key }));

const answers = (path: string): V1Probe => ({ httpGet: { path, port: "patroni" }, timeoutSeconds: 3 });

/** Stand first: the others are made from them. */
const ownNames = [
  ["PATRONI_NAME", "metadata.name"],
  ["PATRONI_KUBERNETES_NAMESPACE", "metadata.namespace"],
  ["PATRONI_KUBERNETES_POD_IP", "status.podIP"],
].map(([name, fieldPath]) => ({ name: name!, valueFrom: { fieldRef: { fieldPath: fieldPath! } } }));

const addresses = {
  PATRONI_POSTGRESQL_CONNECT_ADDRESS: `$(PATRONI_KUBERNETES_POD_IP):${databasePort}`,
  PATRONI_RESTAPI_CONNECT_ADDRESS: `$(PATRONI_KUBERNETES_POD_IP):${patroniPort}`,
};

/** Users that Patroni makes in the database, and the one that may change things over its REST API. */
function logins(system: System): Record<string, string | FromSecret> {
  const password = (key: string): FromSecret => ({ secret: nameOf(system, secretParts.postgres), key });
  return {
    PATRONI_SUPERUSER_USERNAME: databaseLogin,
    PATRONI_SUPERUSER_PASSWORD: password("owner"),
    PATRONI_REPLICATION_USERNAME: "replicator",
    PATRONI_REPLICATION_PASSWORD: password("replicator"),
    PATRONI_REWIND_USERNAME: "rewinder",
    PATRONI_REWIND_PASSWORD: password("rewinder"),
    PATRONI_RESTAPI_USERNAME: "patroni",
    PATRONI_RESTAPI_PASSWORD: password("patroni"),
  };
}
