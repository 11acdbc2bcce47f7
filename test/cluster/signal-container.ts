import { join } from "node:path";
import { command } from "./command.ts";
import type { Kubectl, PodName } from "./kubectl.ts";
import type { Place } from "./node/control-plane.ts";

/** Signals the first process of a container from outside of it: no signal handler, no shell, and no exec is needed within. */
export async function signalContainer(place: Place, kube: Kubectl, pod: PodName, signal: NodeJS.Signals): Promise<void> {
  const { status } = await kube.get("pod", pod.name, pod.namespace);
  const containers: { name: string; containerID?: string }[] = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
  ];
  const container = pod.container ? containers.find(({ name }) => name === pod.container) : status.containerStatuses?.[0];
  const id = container?.containerID?.replace("containerd://", "");
  if (!id) throw new Error(`pod ${pod.namespace}/${pod.name} has no running container ${pod.container ?? ""}`);
  const [nsenter = "", ...inside] = place.enter;
  await command(nsenter, [...inside, join(place.bin, "ctr"), "--namespace", "k8s.io", "tasks", "kill", "--signal", signal, id]);
}
