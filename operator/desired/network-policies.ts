import type { V1NetworkPolicyEgressRule, V1NetworkPolicyPeer, V1NetworkPolicyPort } from "@kubernetes/client-node";
import { ports } from "../../workloads/contract.ts";
import type { Intent } from "../kube/kube.ts";
import { label, managedBy } from "../labels.ts";
import type { System } from "../system.ts";
import { metadataOf, selectorOf } from "./names.ts";
import { patroniPort } from "./patroni.ts";
import { shardParts } from "./shards.ts";
import { databasePort, redisPort, sentinelPort } from "./stores.ts";
import { poolPart } from "./worker-pool.ts";

/**
 * Who may speak to whom. To a pod comes only what is said here. Redis calls its own, the simulator the API; others may call anybody, for
 * providers, merchants' webhooks, outside databases and the API server are anywhere.
 */
export function networkPolicies(system: System): Intent[] {
  const { networkPolicy, redis, providers, workers } = system.spec;
  if (!networkPolicy.enabled) return [];
  const pools = workers.map(poolPart);
  const callers = ["api", "dispatcher", ...pools];
  const toApi = { to: from(system, ["api"], ports.api).from!, ports: [tcp(ports.api)] };
  return [
    policy(system, "api", [{ ports: [tcp(ports.api)] }, management]),
    policy(system, "dispatcher", [management]),
    policy(system, "migrate", []),
    ...pools.map((pool) => policy(system, pool, [management])),
    ...(providers.some(({ kind }) => kind === "simulator")
      ? [policy(system, "simulator", [from(system, pools, ports.simulator), management], { egress: [toApi, toNames] })]
      : []),
    ...shardParts(system).map((shard) => policy(system, shard, [from(system, [...callers, "migrate", shard], databasePort), patroni])),
    ...(redis.backend === "managed" ? [redisPolicy(system, callers)] : []),
  ];
}

/** Members follow and watch each other, whom they find by name. Processes and we ask Sentinels who is master. */
function redisPolicy(system: System, callers: readonly string[]): Intent {
  const members = ["redis"];
  const sentinels: IngressRule = {
    from: [...from(system, [...callers, ...members], sentinelPort).from!, operator],
    ports: [tcp(sentinelPort)],
  };
  const toMembers = { to: from(system, members, redisPort).from!, ports: [tcp(redisPort), tcp(sentinelPort)] };
  return policy(system, "redis", [from(system, [...callers, ...members], redisPort), sentinels], { egress: [toMembers, toNames] });
}

/** Wherever it was installed. */
const operator: V1NetworkPolicyPeer = {
  namespaceSelector: {},
  podSelector: { matchLabels: { [label.name]: managedBy } },
};

/** The library's own type names the field `_from`, which is not what the API server reads. */
type IngressRule = { readonly from?: V1NetworkPolicyPeer[]; readonly ports: V1NetworkPolicyPort[] };

function policy(
  system: System,
  part: string,
  ingress: IngressRule[],
  { egress }: { egress?: V1NetworkPolicyEgressRule[] } = {},
): Intent & { spec: object } {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadataOf(system, part),
    spec: {
      podSelector: { matchLabels: selectorOf(system, part) },
      ingress,
      ...(egress ? { policyTypes: ["Ingress", "Egress"], egress } : { policyTypes: ["Ingress"] }), // not said: anybody may be called
    },
  };
}

const from = (system: System, parts: readonly string[], port: number): IngressRule => ({
  from: parts.map((part): V1NetworkPolicyPeer => ({ podSelector: { matchLabels: selectorOf(system, part) } })),
  ports: [tcp(port)],
});

const tcp = (port: number): V1NetworkPolicyPort => ({ protocol: "TCP", port });

const toNames: V1NetworkPolicyEgressRule = { ports: [tcp(53), { protocol: "UDP", port: 53 }] };

/** From pods of any namespace: where Prometheus is we do not know. From outside the cluster, not. */
const fromAnyPod = (port: number): IngressRule => ({ from: [{ namespaceSelector: {} }], ports: [tcp(port)] });

/** Probes and metrics. */
const management = fromAnyPod(ports.management);

/** Metrics too; members watch each other, and we ask how far they have come. To change anything takes a password. */
const patroni = fromAnyPod(patroniPort);
