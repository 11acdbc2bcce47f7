import { command } from "../command.ts";
import type { Isolation } from "./isolation.ts";

// Documentation's own addresses (RFC 5737): they route nowhere, should a packet ever find a way out.
export const address = { node: "192.0.2.1", dns: "10.96.0.10", api: "10.96.0.1", services: "10.96.0.0/16", pods: "10.244.0.0/16" };

/**
 * The network namespace has no way out: the peer of its one interface is in it too. The default route is there because
 * the kubelet wants one; what takes it is lost at the peer.
 */
export async function network(isolation: Isolation): Promise<void> {
  const script = `
ip link set lo up
ip link add eth0 type veth peer name eth0-peer
ip address add ${address.node}/24 dev eth0
ip link set eth0 up
ip link set eth0-peer up
ip route add default dev eth0
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
modprobe -q br_netfilter || true
echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables
`;
  const [nsenter = "", ...enter] = isolation.enter;
  await command(nsenter, [...enter, "sh", "-euc", script]);
}
