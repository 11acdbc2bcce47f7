import type { Cluster } from "../../cluster/cluster.ts";
import type { PodName } from "../../cluster/kubectl.ts";

/** A name, and the address that it stands for: `10.244.0.7:5432`. */
export type Doors = Readonly<Record<string, string>>;

/** Names of those that a pod can open a connection to within 3 s, in the order in which they were given. */
export async function reached(cluster: Cluster, from: PodName, doors: Doors): Promise<string[]> {
  const open = (await cluster.exec(from, ["bash", "-c", knock, "knock", ...Object.values(doors)])).split("\n");
  return Object.keys(doors).filter((name) => open.includes(doors[name]!));
}

const knock = `for door in "$@"; do (timeout 3 bash -c ": < /dev/tcp/\${door/:/\\/}" 2>/dev/null && echo "$door") & done; wait`;
