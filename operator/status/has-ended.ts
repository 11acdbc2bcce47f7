import type { ObjectOf } from "../kube/kinds.ts";

/** Whether a Job has ended that way. */
export const hasEnded = (job: ObjectOf<"Job">, how: "Complete" | "Failed"): boolean =>
  job.status?.conditions?.some(({ type, status }) => type === how && status === "True") ?? false;
