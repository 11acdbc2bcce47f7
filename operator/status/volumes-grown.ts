import { bytesOf } from "../../crds/field.ts";
import { type Finding, well, working } from "./finding.ts";
import type { Known } from "./known.ts";

/** Whether each volume is as large as was asked for; if not, what its driver or its node says. Meanwhile everything goes on. */
export function volumesGrown({ observed: { objects } }: Pick<Known, "observed">): Finding {
  const growing = objects
    .list("PersistentVolumeClaim")
    .filter(({ spec, status }) => bytesOf(status?.capacity?.storage ?? "0") < bytesOf(spec?.resources?.requests?.storage ?? "0"))
    .filter(({ status }) => status?.phase === "Bound")
    .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  const [first] = growing;
  if (!first) return well("Grown", "every volume is as large as was asked for");
  const { metadata, spec, status } = first;
  const said = status?.conditions?.flatMap(({ type, message }) => (message ? `: ${type}: ${message}` : [])).join("") ?? "";
  const more = growing.length > 1 ? ` (and ${growing.length - 1} more)` : "";
  return working(
    "VolumesGrowing",
    `volume ${metadata.name}${more} grows from ${status?.capacity?.storage} to ${spec?.resources?.requests?.storage}, and payments go on${said}`,
  );
}
