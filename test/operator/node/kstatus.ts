import { setTimeout as sleep } from "node:timers/promises";
import type { KubeObject } from "../../cluster/kubectl.ts";
import type { Shop } from "./shop.ts";

/** What was seen of a resource's conditions since it was asked for, five times a second. */
export interface ConditionWatch extends AsyncDisposable {
  /** What kstatus made of it, each once. */
  phases(): string[];
  /** States that the rules of kstatus or of Kubernetes' API conventions forbid. */
  wrongs(): string[];
}

export function watchConditions(shop: Shop): ConditionWatch {
  const phases = new Set<string>();
  const wrongs = new Set<string>();
  let isOver = false;
  const watching = (async () => {
    for (; !isOver; await sleep(200)) {
      const resource = await shop.resource().catch(() => undefined);
      if (!resource?.status) continue;
      phases.add(kstatus(resource));
      for (const wrong of wrongsOf(resource)) wrongs.add(wrong);
    }
  })();
  return {
    phases: () => [...phases],
    wrongs: () => [...wrongs],
    async [Symbol.asyncDispose]() {
      isOver = true;
      await watching;
    },
  };
}

/** As kubernetes-sigs/cli-utils, `pkg/kstatus`, reads a resource whose kind it does not know. */
export function kstatus({ metadata, status = {} }: KubeObject): "Terminating" | "InProgress" | "Failed" | "Current" {
  const is = (type: string) => status.conditions?.find((one: { type: string }) => one.type === type)?.status;
  if (metadata.deletionTimestamp) return "Terminating";
  if (status.observedGeneration !== metadata.generation) return "InProgress";
  if (is("Reconciling") === "True") return "InProgress";
  if (is("Stalled") === "True") return "Failed";
  return is("Ready") === "True" ? "Current" : "InProgress";
}

function wrongsOf({ metadata, status }: KubeObject): string[] {
  const conditions = new Map<string, { status: string; reason: string; message: string }>(
    status.conditions.map((one: { type: string }) => [one.type, one]),
  );
  const [ready, reconciling, stalled] = ["Ready", "Reconciling", "Stalled"].map((type) => conditions.get(type));
  const says: [boolean, string][] = [
    [ready === undefined, "there is no Ready"],
    [reconciling !== undefined && reconciling.status !== "True", "Reconciling is there and not True"],
    [stalled !== undefined && stalled.status !== "True", "Stalled is there and not True"],
    [reconciling !== undefined && stalled !== undefined, "Reconciling and Stalled together"],
    [ready?.status === "True" && (reconciling ?? stalled) !== undefined, "Ready, and working or stalled all the same"],
    [ready?.status === "Unknown" && reconciling === undefined, "Ready is Unknown without Reconciling"],
    [ready?.status === "False" && (reconciling ?? stalled) === undefined, "Ready is False, and nobody knows whether it is tried again"],
    [
      [...conditions.values()].some(({ reason, message }) => !/^[A-Z][A-Za-z]+$/.test(reason) || message === ""),
      "a condition without a reason or a message",
    ],
    [(status.observedGeneration ?? 0) > Number(metadata.generation), "a generation that is not there yet"],
  ];
  return says.filter(([isSo]) => isSo).map(([, what]) => `${what}: ${JSON.stringify([...conditions])}`);
}
