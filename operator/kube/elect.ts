import { setTimeout as sleep } from "node:timers/promises";
import type { Election } from "./election.ts";
import type { Fence } from "./fence.ts";
import { reasonOf } from "./kube-error.ts";
import { lead, type Won } from "./lead.ts";
import { firstLease, isFree, recordOf, type Seen, taken } from "./lease-record.ts";
import { now } from "./moment.ts";

/**
 * Takes part in the election until `stop`: whenever this process leads, runs `act`. Its fence falls when the lead is lost or `stop` comes; `act` must
 * return soon then, and nothing of it may act without asking the fence (`kube.under(fence)` does). On `stop` the Lease is given back once
 * `act` has returned, so that another leads at once. Resolves after `stop`; throws what `act` throws.
 *
 * Never do two act at once, for each judges by its own clock: a leader counts from before it asked for its renewal, the
 * others from when they saw it. Only a request already on its way when the lead is lost may still arrive.
 */
export async function elect(election: Election, act: (fence: Fence) => Promise<void>, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const won = await win(election, stop);
    if (won && (await lead(election, won, act, stop)) === "done") return;
  }
}

/** Looks until the Lease is free, and takes it; undefined when it is time to stop. */
async function win(election: Election, stop: AbortSignal): Promise<Won | undefined> {
  const { kube, identity, leaseSeconds = 15, renewSeconds = 10, retrySeconds = 2, onTrouble = () => {} } = election;
  const server = kube.within(renewSeconds / 3);
  let seen: Seen | undefined;

  async function take(): Promise<Won | undefined> {
    const lease = await server.get("Lease", election);
    const record = recordOf(lease);
    if (record !== seen?.record) seen = { record, at: now(), isFirst: seen === undefined };
    if (!isFree(lease, seen, { identity, leaseSeconds, retrySeconds })) return undefined;
    const askedAt = now();
    const ours = lease ? server.replace(taken(lease, identity, leaseSeconds)) : server.create(firstLease(election, leaseSeconds));
    return { lease: await ours, askedAt };
  }

  while (!stop.aborted) {
    try {
      const won = await take();
      if (won) return won;
    } catch (error) {
      const isAnothers = ["Conflict", "AlreadyExists"].includes(reasonOf(error) ?? "");
      if (!isAnothers) onTrouble(error as Error);
    }
    await sleep(retrySeconds * 1000 * (1 + Math.random() / 5), undefined, { signal: stop }).catch(() => {});
  }
  return undefined;
}
