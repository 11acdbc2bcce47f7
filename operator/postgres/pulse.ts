import { isDeepStrictEqual } from "node:util";
import type { ObjectOf } from "../kube/kinds.ts";

/** Every few seconds Patroni renews its lock, and says how far each server is. Nothing follows from that alone. */
const beating = new Set(["renewTime", "optime", "slots", "retain_slots", "status"]);

/** Whether nothing else has changed between the two. */
export function isPulse(before: ObjectOf<"Pod" | "ConfigMap">, after: ObjectOf<"Pod" | "ConfigMap">): boolean {
  return isDeepStrictEqual(atRest(before), atRest(after));
}

function atRest({ metadata, ...object }: ObjectOf<"Pod" | "ConfigMap">): object {
  const { resourceVersion: _, managedFields: __, annotations = {}, ...rest } = metadata;
  const { status = "" } = annotations;
  const report = status.replace(
    /"(xlog_location|replayed_location|received_location|replay_lsn|receive_lsn|replay_lag|receive_lag|lag)":"?\d*"?/g,
    "",
  );
  return { ...object, metadata: rest, report, annotations: Object.entries(annotations).filter(([name]) => !beating.has(name)) };
}
