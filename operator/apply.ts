import type { Metadata } from "./kube/kinds.ts";
import type { Kube } from "./kube/kube.ts";
import { KubeError, reasonOf } from "./kube/kube-error.ts";
import { fieldManager, label } from "./labels.ts";
import type { NamedIntent, Step } from "./plan.ts";
import { objectOf, steer } from "./postgres/steer.ts";
import { grow } from "./volumes.ts";

/** What came of a plan. */
export interface Applied {
  /** Steps that the API server refused, in its own words; the others were done. */
  readonly failures: readonly Failure[];
  /** Fields that somebody else had changed, as the API server told of them. */
  readonly takenBack: readonly { readonly object: string; readonly fields: string }[];
  readonly changed: number;
  /** Asked for, and was so already: more than a few of these mean that we ask for nothing. */
  readonly unchanged: number;
}

export interface Failure {
  /** `Deployment shop-api` */
  readonly object: string;
  readonly reason: string;
  readonly message: string;
  /** Asking again cannot help: somebody must change something. */
  readonly isFinal: boolean;
}

/** Does each step. What the API server refuses of one does not keep the others; throws where there is no API server, or we may not act any more. */
export async function apply(kube: Kube, steps: readonly Step[], now: Date): Promise<Applied> {
  const failures: Failure[] = [];
  const takenBack: { object: string; fields: string }[] = [];
  let changed = 0;
  for (const step of steps) {
    try {
      const done = await perform(kube, step, now);
      if (done.isChanged) changed++;
      if (done.fields) takenBack.push({ object: nameOf(step), fields: done.fields });
    } catch (error) {
      if (!(error instanceof KubeError) || error.code === 0 || error.code >= 500) throw error;
      failures.push({ object: nameOf(step), reason: error.reason, message: error.message, isFinal: error.reason === "Invalid" });
    }
  }
  return { failures, takenBack, changed, unchanged: steps.length - changed - failures.length };
}

type Done = { readonly isChanged: boolean; readonly fields?: string };

async function perform(kube: Kube, step: Step, now: Date): Promise<Done> {
  switch (step.do) {
    case "apply":
      return applied(kube, step.intent, step.isNew);
    case "scale": {
      const { apiVersion, kind, metadata } = step.intent;
      const { name, namespace } = metadata;
      const intent = { apiVersion, kind, metadata: { name, namespace }, spec: { replicas: step.replicas } };
      await kube.apply(intent, { fieldManager: fieldManager.replicas, force: true });
      return { isChanged: true };
    }
    case "remove": {
      const { uid } = step.metadata;
      await kube.delete(step.kind, step.metadata, { preconditions: { uid } }).catch((error) => {
        if (reasonOf(error) !== "Conflict") throw error; // another of that name by now: the next pass looks at it
      });
      return { isChanged: true };
    }
    case "grow":
      await grow(kube, step.growth);
      return { isChanged: true };
    case "steer":
      return { isChanged: await steer(kube, step.move, now) };
  }
}

async function applied(kube: Kube, intent: NamedIntent, isNew: boolean): Promise<Done> {
  const before = await kube.get(intent.kind, intent.metadata);
  if (isNew && before) mustBeOurs(before, intent);
  const told = (after: { metadata: { resourceVersion: string } }, fields?: string): Done => ({
    isChanged: after.metadata.resourceVersion !== before?.metadata.resourceVersion,
    ...(fields && { fields }),
  });
  const by = { fieldManager: fieldManager.objects };
  try {
    return told(await kube.apply(intent, by));
  } catch (error) {
    const reason = reasonOf(error);
    if (!(error instanceof KubeError) || error.causes.length === 0 || !(reason === "Conflict" || (reason === "Invalid" && before)))
      throw error;
    // Two ports of one name, say: what others have added to a list cannot stand beside what we ask for. A merge puts whole lists in their place.
    if (reason === "Invalid") await kube.patch(intent.kind, intent.metadata, contentOf(intent), by);
    return told(await kube.apply(intent, { ...by, force: true }), fieldsOf(error));
  }
}

function contentOf({ apiVersion: _, kind: __, metadata: ___, ...content }: NamedIntent): object {
  return content;
}

/** Not in our cache, and there all the same: a stranger of that name, or ours without its labels. */
function mustBeOurs({ metadata }: { metadata: Metadata }, intent: NamedIntent): void {
  const { ownerReferences = [] } = intent.metadata;
  const isOwned = metadata.ownerReferences?.some(({ uid }) => ownerReferences.some((owner) => owner.uid === uid));
  if (isOwned || metadata.labels?.[label.instance] === intent.metadata.labels?.[label.instance]) return;
  const message = `${intent.kind} ${intent.metadata.name} is there already and not of this system: rename or delete it, or give the system another name`;
  throw new KubeError(message, { code: 409, reason: "NameTaken" });
}

const fieldsOf = ({ causes }: KubeError): string =>
  causes
    .slice(0, 5)
    .map(({ field, message }) => `${field} (${message})`)
    .join(", ");

function nameOf(step: Step): string {
  if (step.do === "steer") return objectOf(step.move);
  if (step.do === "grow") return `PersistentVolumeClaim ${step.growth.claim}`;
  return step.do === "remove" ? `${step.kind} ${step.metadata.name}` : `${step.intent.kind} ${step.intent.metadata.name}`;
}
