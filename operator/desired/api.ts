import type {
  V1Deployment,
  V1Ingress,
  V1PodDisruptionBudget,
  V1Service,
  V1ServiceAccount,
  V2HorizontalPodAutoscaler,
} from "@kubernetes/client-node";
import { apiKeyHash } from "../../workloads/api-key.ts";
import { type ApiEnv, ports } from "../../workloads/contract.ts";
import { fingerprint } from "../credentials.ts";
import { databasePool } from "../scaling/pool-bounds.ts";
import type { System } from "../system.ts";
import { apiAutoscaler } from "./autoscaler.ts";
import { deployment } from "./deployment.ts";
import { envOf } from "./env.ts";
import type { Given } from "./given.ts";
import { metadataOf, nameOf } from "./names.ts";
import { resourcesOf } from "./pod.ts";
import { believedEvents } from "./provider-events.ts";
import { replicaUrls, storesFor } from "./stores.ts";
import { disruptionBudget, service, serviceAccount } from "./surroundings.ts";

const part = "api";
/** Of the Service; pods listen on the contract's. */
export const apiServicePort = 80;
/** A pod that ends is taken out of the Service meanwhile, on every node and in every ingress. */
const lingerSeconds = 5;

/** The HTTP API that merchants call. */
export function api(
  given: Given,
): (V1ServiceAccount | V1Service | V1Deployment | V1PodDisruptionBudget | V1Ingress | V2HorizontalPodAutoscaler)[] {
  const { system } = given;
  const { resources, replicas } = system.spec.api;
  const stores = storesFor("api", given);
  const events = believedEvents(given);
  return [
    serviceAccount(system, part),
    service(system, part, { name: "http", port: apiServicePort, targetPort: "http" }),
    deployment(given, replicas, {
      part,
      role: "api",
      env: envOf<ApiEnv>({ ...stores.env, ...settings(given), ...events.env }, { ...stores.before, ...events.before }),
      resources: resourcesOf(resources),
      ports: [{ name: "http", containerPort: ports.api, protocol: "TCP" }],
      fingerprint: fingerprint(given.credentials, stores.fingerprint, given.credentials.events.secret),
      lingerSeconds,
    }),
    ...apiAutoscaler(given, part),
    disruptionBudget(system, part),
    ...ingress(system),
  ];
}

/** Where merchants call it, as far as we can know: whoever puts something of his own in front knows better. */
export function publicUrl(system: System): string {
  const { ingress } = system.spec.api;
  return ingress ? `${ingress.tlsSecretName ? "https" : "http"}://${ingress.host}` : serviceUrl(system);
}

/** Where pods find it. */
export const serviceUrl = ({ metadata: { namespace, name } }: System): string => `http://${name}-${part}.${namespace}`;

function settings(given: Given) {
  const { system, credentials } = given;
  const { spec } = system;
  return {
    DATABASE_POOL: String(databasePool.api),
    ...replicaUrls("api", given),
    MODE: spec.mode,
    PROVIDER: spec.providers[0]!.name,
    ADMIN_KEY_HASH: apiKeyHash(credentials.keys.adminKey),
    PUBLIC_URL: publicUrl(system),
    MAX_WAIT_SECONDS: String(spec.api.admission.maxWaitSeconds),
    WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: String(spec.webhooks.allowPrivateAddresses),
    REQUESTS_PER_SECOND_PER_MERCHANT: String(spec.api.admission.requestsPerSecondPerMerchant),
  };
}

function ingress(system: System): V1Ingress[] {
  const { ingress } = system.spec.api;
  if (!ingress) return [];
  const backend = { service: { name: nameOf(system, part), port: { name: "http" } } };
  return [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { ...metadataOf(system, part), annotations: ingress.annotations },
      spec: {
        ...(ingress.className && { ingressClassName: ingress.className }),
        rules: [{ host: ingress.host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
        ...(ingress.tlsSecretName && { tls: [{ hosts: [ingress.host], secretName: ingress.tlsSecretName }] }),
      },
    },
  ];
}
