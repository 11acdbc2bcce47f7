import type { PaymentSystemStatus } from "../../crds/status.ts";
import { nameOf } from "../desired/names.ts";
import { redisPart } from "../desired/redis.ts";
import { type Finding, well, working } from "./finding.ts";
import type { Known } from "./known.ts";
import { statefulSetReady } from "./pods-ready.ts";

type Asked = Pick<Known, "system" | "observed">;

/** Whether Redis has every member that it should have, and a master; if not, the first cause, and what that means for payments. */
export function redisReady({ system, observed }: Asked): Finding {
  if ("state" in observed.externals) return observed.externals;
  if (system.spec.redis.backend === "external") return well("External", "the Secret names a Redis, which somebody else runs");
  const pods = statefulSetReady(redisPart, system, observed.objects, observed.refusals.get(`StatefulSet/${nameOf(system, redisPart)}`));
  const master = masterOf({ system, observed });
  if (pods.state !== "well") return { ...pods, message: `${pods.message}; ${meaning(master)}` };
  if (master !== undefined && !isReady(master, observed))
    return working("NoMaster", `${master}, which is to take writes, is not ready; ${meaning(undefined)}`);
  return well("Ready", `${pods.message}${master ? `; ${master} takes writes` : ""}`);
}

export function redisStatus({ system, observed }: Asked): NonNullable<PaymentSystemStatus["redis"]> {
  const set = observed.objects.get("StatefulSet", nameOf(system, redisPart));
  const wanted = set?.spec?.replicas ?? system.spec.redis.replicas;
  const ready = set?.status?.readyReplicas ?? 0;
  const master = masterOf({ system, observed });
  return { ready: `${ready}/${wanted}`, ...(master && { master }), replicas: wanted, readyReplicas: ready };
}

/** As Sentinels say; an only member is master whenever it serves. */
function masterOf({ system, observed: { objects, redisMaster } }: Asked): string | undefined {
  if (system.spec.redis.replicas > 1) return redisMaster;
  const name = nameOf(system, redisPart);
  return (objects.get("StatefulSet", name)?.status?.readyReplicas ?? 0) > 0 ? `${name}-0` : undefined;
}

const meaning = (master: string | undefined): string =>
  master ? "workers are told what to do at once" : "payments go on without it, and workers look for what is due by themselves";

function isReady(pod: string, { objects }: Known["observed"]): boolean {
  const found = objects.get("Pod", pod);
  return found === undefined || (found.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false);
}
