import { command } from "../command.ts";
import { eventually } from "../eventually.ts";
import { kubeconfigOf, type Place, part, usualPorts } from "./control-plane.ts";
import type { Daemon } from "./daemon.ts";
import { address } from "./network.ts";

/**
 * Enforces NetworkPolicies by iptables and ipset of the node's network namespace; resolves once it does. Needs the node in the API server. A pod
 * that has just got its address is open for about a second. What the node itself sends passes always: probes, the API server, a test's forwards.
 */
export async function policyEnforcer(place: Place): Promise<Daemon> {
  const enforcer = part(place, "kube-router", {
    kubeconfig: kubeconfigOf(place, "admin", usualPorts),
    "hostname-override": "node",
    "run-firewall": true,
    "run-router": false, // the bridge is
    "run-service-proxy": false, // kube-proxy is
    "service-cluster-ip-range": address.services,
  });
  const [enter = "", ...inside] = place.enter;
  await eventually(() => command(enter, [...inside, "iptables", "--list", "KUBE-ROUTER-FORWARD"]), {
    withinSeconds: 30,
    hopeless: () => (enforcer.running() ? undefined : new Error(`kube-router has ended; ${enforcer.log} says why`)),
  });
  return enforcer;
}
