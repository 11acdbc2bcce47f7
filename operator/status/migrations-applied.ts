import { migrationPart } from "../desired/migration.ts";
import type { ObjectOf } from "../kube/kinds.ts";
import { type Finding, failing, stuck, well, working } from "./finding.ts";
import { hasEnded } from "./has-ended.ts";
import type { Known } from "./known.ts";
import { firstTrouble } from "./pod-trouble.ts";
import { podsOf } from "./pods-ready.ts";

/** Whether the database is at the version of the image that is to run. */
export function migrationsApplied({ system, observed: { objects, refusals }, migration }: Known): Finding {
  const job = migration === undefined ? undefined : objects.get("Job", migration);
  if (!job || migration === undefined) return working("Waiting", "the database is not ready to be migrated yet");
  if (hasEnded(job, "Complete")) return well("Applied", "the database is at the version of the image");
  const pods = podsOf(migrationPart, system, objects).filter(
    ({ metadata }) => metadata.labels?.["batch.kubernetes.io/job-name"] === migration,
  );
  const said = lastWords(pods);
  const failed = job.status?.conditions?.find(({ type, status }) => type === "Failed" && status === "True");
  if (failed)
    return stuck(
      "MigrationFailed",
      `${said ?? failed.message}. What runs goes on as before; set another image, or mend the cause and try again: kubectl delete job ${migration} -n ${system.metadata.namespace}`,
    );
  const refusal = refusals.get(`Job/${migration}`);
  if (refusal) return failing("FailedCreate", `Job ${migration} cannot make its pod: ${refusal}`);
  const trouble = firstTrouble(pods.filter(({ status }) => status?.phase !== "Failed"));
  if (trouble) return trouble;
  if (said) return failing("MigrationFailing", `${said}; it is tried again`);
  return working("Migrating", "the database is being brought to the version of the image");
}

/** What the last try that failed had to say. */
function lastWords(pods: readonly ObjectOf<"Pod">[]): string | undefined {
  const newest = pods
    .filter(({ status }) => status?.phase === "Failed")
    .toSorted((one, other) => ((one.metadata.creationTimestamp ?? "") < (other.metadata.creationTimestamp ?? "") ? 1 : -1))[0];
  if (!newest) return undefined;
  const ended = newest.status?.containerStatuses?.[0]?.state?.terminated;
  const said = errorIn(ended?.message ?? "") ?? newest.status?.message ?? `ended with ${ended?.exitCode}`;
  return `pod ${newest.metadata.name}: ${said}`;
}

/** Of the log's last lines, in JSON, that which says why. */
function errorIn(log: string): string | undefined {
  const lines = log.trim().split("\n").filter(Boolean);
  for (const line of lines.toReversed()) {
    const said = messageIn(line);
    if (said) return said;
  }
  return lines.at(-1)?.slice(0, 600);
}

function messageIn(line: string): string | undefined {
  try {
    const { err } = JSON.parse(line) as { err?: { message?: string } };
    return err?.message;
  } catch {
    return undefined; // not JSON, or its beginning was cut off
  }
}
