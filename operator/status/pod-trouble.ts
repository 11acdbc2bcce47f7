import type { ObjectOf } from "../kube/kinds.ts";
import { type Finding, failing } from "./finding.ts";

/** Why a pod cannot do its work, in the words of scheduler, kubelet or the process itself; `undefined`: it can, or is on its way. */
export function podTrouble({ metadata: { name, deletionTimestamp }, status = {} }: ObjectOf<"Pod">): Finding | undefined {
  if (deletionTimestamp) return undefined; // it goes, so what it says is over
  const scheduled = status.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status === "False")
    return failing("Unschedulable", `pod ${name} finds no node: ${scheduled.message}: add room, or ask for less in resources`);
  if (status.phase === "Failed" && status.reason)
    return failing(status.reason, `pod ${name} was ended: ${status.message ?? status.reason}`);

  for (const { name: container, ready, restartCount, state, lastState } of status.containerStatuses ?? []) {
    const lastWords = state?.terminated?.exitCode ? state.terminated : lastState?.terminated;
    if (state?.waiting && !onItsWay.has(state.waiting.reason ?? "")) {
      const { reason = "Waiting", message = "" } = state.waiting;
      const said = reason === "CrashLoopBackOff" && lastWords ? endOf(lastWords) : message;
      return failing(wordFor(reason), `pod ${name}, container ${container}: ${reason}: ${said}${wayOut(reason)}`);
    }
    if (!ready && lastWords && (restartCount > 0 || status.phase === "Failed"))
      return failing("ContainerFailed", `pod ${name}, container ${container}: ${endOf(lastWords)}`);
  }
  return undefined;
}

/** The first of several pods that is in trouble. */
export function firstTrouble(pods: readonly ObjectOf<"Pod">[]): Finding | undefined {
  for (const pod of pods.toSorted(byName)) {
    const trouble = podTrouble(pod);
    if (trouble) return trouble;
  }
  return undefined;
}

const onItsWay = new Set(["ContainerCreating", "PodInitializing", ""]);

/** The kubelet takes turns between these two; a condition should not. */
const wordFor = (reason: string): string => (reason === "ErrImagePull" ? "ImagePullBackOff" : reason);

const wayOut = (reason: string): string =>
  ["ErrImagePull", "ImagePullBackOff", "InvalidImageName"].includes(reason)
    ? ": check the image's name, that it was pushed, and imagePullSecrets"
    : "";

interface Ended {
  exitCode: number;
  reason?: string;
  message?: string;
}

function endOf({ exitCode, reason, message }: Ended): string {
  const how = reason === "OOMKilled" ? "OOMKilled: give it more memory in resources" : `ended with ${exitCode}`;
  const said = message?.trim().slice(-longestWords);
  return said ? `${how}: ${said}` : how;
}

const longestWords = 600;

const byName = (one: ObjectOf<"Pod">, other: ObjectOf<"Pod">): number => (one.metadata.name < other.metadata.name ? -1 : 1);
