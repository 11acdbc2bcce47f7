import type { Condition, ConditionType } from "../../crds/status.ts";
import { type Finding, stuck } from "./finding.ts";

/** A condition without the time since when it is so. */
export type Told = Omit<Condition, "lastTransitionTime">;

/** A part of the system, as a condition of its own. */
export const conditionOf = (type: ConditionType, { state, reason, message }: Finding, observedGeneration: number): Told => ({
  type,
  status: state === "well" ? "True" : state === "working" ? "Unknown" : "False",
  observedGeneration,
  reason,
  message,
});

/**
 * The summary as `kubectl wait`, kstatus, Helm, Flux and Argo CD all read it: on its way is `Ready: Unknown` with `Reconciling`; broken and tried again is
 * `Ready: False` with `Reconciling`; broken until somebody changes something is `Ready: False` with `Stalled`. Where neither is so, they are not there.
 */
export function summary(finding: Finding, observedGeneration: number): Told[] {
  const { state, reason, message } = finding;
  const told = { observedGeneration, reason, message };
  const ready = conditionOf("Ready", finding, observedGeneration);
  switch (state) {
    case "well":
      return [ready];
    case "working":
    case "failing":
      return [ready, { type: "Reconciling", status: "True", ...told }];
    case "stuck":
      return [ready, { type: "Stalled", status: "True", ...told }];
  }
}

/** Of a resource that cannot be followed; nothing is known of its parts, so what was told of them stays. */
export const specInvalid = (problem: string): Finding => stuck("SpecInvalid", problem);

/** Each with the time when its status last changed: that of `before`, unless it changes now. */
export function since(told: readonly Told[], before: readonly Condition[], now: Date): Condition[] {
  return told.map((condition) => {
    const last = before.find(({ type }) => type === condition.type);
    const isSame = last?.status === condition.status;
    return { ...condition, lastTransitionTime: isSame ? last.lastTransitionTime : now.toISOString().replace(/\.\d+Z$/, "Z") };
  });
}
