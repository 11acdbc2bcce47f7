import type { Condition, PaymentSystemStatus } from "../../crds/status.ts";
import type { News } from "../kube/event-recorder.ts";
import { cappedReason } from "./autoscaling-active.ts";
import { endsSoonReason } from "./foreign-certificate.ts";

/** What people want to be told of when a status changes. */
export function newsOf(before: PaymentSystemStatus, after: PaymentSystemStatus): News[] {
  const news: News[] = [];
  const [wasReady, ready] = [conditionIn(before, "Ready"), conditionIn(after, "Ready")];
  if (ready?.status === "True" && wasReady?.status !== "True") news.push(normal("SystemReady", ready.message));
  if (ready?.status === "False" && (wasReady?.status !== "False" || wasReady.reason !== ready.reason))
    news.push({ type: "Warning", reason: ready.reason, message: ready.message });

  if (after.migration !== undefined && after.migration !== before.migration)
    news.push(normal("MigrationApplied", `${after.migration}: the database is at the version of the image`));
  const [wasStored, stored] = [conditionIn(before, "DatabaseReady"), conditionIn(after, "DatabaseReady")];
  if (stored?.reason === endsSoonReason && wasStored?.reason !== endsSoonReason)
    news.push({ type: "Warning", reason: endsSoonReason, message: stored.message });
  for (const { shard, primary } of after.postgres?.shards ?? []) {
    const was = before.postgres?.shards?.find((one) => one.shard === shard)?.primary;
    if (primary !== undefined && primary !== was) news.push(normal("PostgresPromoted", `${primary} takes writes`));
  }
  const master = after.redis?.master;
  if (master !== undefined && master !== before.redis?.master) news.push(normal("RedisPromoted", `${master} takes writes`));
  const [wasBalanced, balanced] = [conditionIn(before, "LedgerBalanced"), conditionIn(after, "LedgerBalanced")];
  if (balanced?.status === "False" && wasBalanced?.status !== "False")
    news.push({ type: "Warning", reason: "LedgerImbalanced", message: balanced.message });
  const [wasScaled, scaled] = [conditionIn(before, "AutoscalingActive"), conditionIn(after, "AutoscalingActive")];
  if (scaled && scaled.reason !== wasScaled?.reason && scaled.reason !== "Fixed")
    news.push(
      scaled.status === "False" || scaled.reason === cappedReason
        ? { type: "Warning", reason: scaled.reason, message: scaled.message }
        : normal("AutoscalingActive", scaled.message),
    );
  for (const pool of after.workers?.pools ?? []) {
    const was = before.workers?.pools?.find(({ name }) => name === pool.name)?.desiredReplicas;
    if (was !== undefined && pool.desiredReplicas !== undefined && was !== pool.desiredReplicas)
      news.push(normal("WorkersScaled", `pool ${pool.name} shall have ${pool.desiredReplicas} pods instead of ${was}`));
  }
  const [wasPaused, isPaused] = [conditionIn(before, "Paused"), conditionIn(after, "Paused")];
  if (isPaused && !wasPaused) news.push(normal("Paused", isPaused.message));
  if (wasPaused && !isPaused) news.push(normal("Resumed", "spec.paused is false: changes are made again"));
  return news;
}

const normal = (reason: string, message: string): News => ({ type: "Normal", reason, message });

const conditionIn = ({ conditions = [] }: PaymentSystemStatus, type: Condition["type"]) => conditions.find((one) => one.type === type);
