import type { V1NetworkPolicyPeer, V1NetworkPolicyPort } from "@kubernetes/client-node";
import { ports } from "../../workloads/contract.ts";
import type { Intent } from "../kube/kube.ts";
import type { System } from "../system.ts";
import { metadataOf, selectorOf } from "./names.ts";
import { patroniPort, postgresPart } from "./patroni.ts";
import { databasePort, redisPort } from "./stores.ts";
import { poolPart } from "./worker-pool.ts";

/**
 * Who may speak to whom. To a pod comes only what is said here. Redis and simulator call nobody; others may call anybody, for
 * providers, merchants' webhooks, outside databases and the API server are anywhere.
 */
export function networkPolicies(system: System): Intent[] {
  const { networkPolicy, postgres, redis, providers, workers } = system.spec;
  if (!networkPolicy.enabled) return [];
  const pools = workers.map(poolPart);
  const callers = ["api", "dispatcher", ...pools];
  const quiet = { egress: "nobody" } as const;
  return [
    policy(system, "api", [{ ports: [tcp(ports.api)] }, management]),
    policy(system, "dispatcher", [management]),
    policy(system, "migrate", []),
    ...pools.map((pool) => policy(system, pool, [management])),
    ...(providers.some(({ kind }) => kind === "simulator")
      ? [policy(system, "simulator", [from(system, pools, ports.simulator), management], quiet)]
      : []),
    ...(postgres.backend === "managed"
      ? [
          policy(system, postgresPart, [
            from(system, [...callers, "migrate", postgresPart], databasePort),
            from(system, [postgresPart], patroniPort),
          ]),
        ]
      : []),
    ...(redis.backend === "managed" ? [policy(system, "redis", [from(system, callers, redisPort)], quiet)] : []),
  ];
}

/** The library's own type names the field `_from`, which is not what the API server reads. */
type IngressRule = { readonly from?: V1NetworkPolicyPeer[]; readonly ports: V1NetworkPolicyPort[] };

function policy(
  system: System,
  part: string,
  ingress: IngressRule[],
  { egress }: { egress: "anybody" | "nobody" } = { egress: "anybody" },
): Intent & { spec: object } {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadataOf(system, part),
    spec: {
      podSelector: { matchLabels: selectorOf(system, part) },
      ingress,
      ...(egress === "anybody" ? { policyTypes: ["Ingress"] } : { policyTypes: ["Ingress", "Egress"], egress: [] }),
    },
  };
}

const from = (system: System, parts: readonly string[], port: number): IngressRule => ({
  from: parts.map((part): V1NetworkPolicyPeer => ({ podSelector: { matchLabels: selectorOf(system, part) } })),
  ports: [tcp(port)],
});

const tcp = (port: number): V1NetworkPolicyPort => ({ protocol: "TCP", port });

/** Probes and metrics, from pods of any namespace: where Prometheus is we do not know. From outside the cluster, not. */
const management: IngressRule = { from: [{ namespaceSelector: {} }], ports: [tcp(ports.management)] };
