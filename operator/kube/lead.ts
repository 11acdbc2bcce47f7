import { setTimeout as sleep } from "node:timers/promises";
import type { Election } from "./election.ts";
import type { Fence } from "./fence.ts";
import { reasonOf } from "./kube-error.ts";
import { firstLease, givenBack, type Lease, renewed } from "./lease-record.ts";
import { atMostSecondsSince, type Moment, now } from "./moment.ts";

/** A Lease that is ours, and the moment just before we asked for it: others cannot have seen it earlier than that. */
export interface Won {
  lease: Lease;
  askedAt: Moment;
}

/** Acts, and renews the Lease until it is lost, `act` has ended or it is time to stop. Gives it back but where it is lost. Throws what `act` throws. */
export async function lead(
  election: Election,
  won: Won,
  act: (fence: Fence) => Promise<void>,
  stop: AbortSignal,
): Promise<"lost" | "done"> {
  const { kube, identity, leaseSeconds = 15, renewSeconds = 10, retrySeconds = 2, onTrouble = () => {} } = election;
  const server = kube.within(renewSeconds / 3); // a renewal that hangs must leave time for another, on another connection
  const over = new AbortController();
  const end = () => over.abort();
  let { lease, askedAt } = won;
  let isLost = false;
  const lose = () => {
    if (over.signal.aborted) return; // it is over already, and why is known
    isLost = true;
    end();
  };
  const restSeconds = () => renewSeconds - atMostSecondsSince(askedAt);
  let deadline = setTimeout(lose, restSeconds() * 1000);

  async function renew(): Promise<void> {
    const asking = now();
    lease = await written();
    askedAt = asking;
    clearTimeout(deadline);
    if (!over.signal.aborted) deadline = setTimeout(lose, restSeconds() * 1000);
  }

  async function written(): Promise<Lease> {
    try {
      return await server.replace(renewed(lease));
    } catch (error) {
      if (reasonOf(error) !== "Conflict") throw error;
      const current = await server.get("Lease", election);
      if (!current) return await server.create(firstLease(election, leaseSeconds)); // deleted by hand, which is a conflict too
      if (current.spec?.holderIdentity !== identity) throw error;
      return await server.replace(renewed(current)); // an earlier renewal of ours, whose answer was lost
    }
  }

  async function giveBack(): Promise<void> {
    const current = await server.get("Lease", election);
    if (current?.spec?.holderIdentity === identity) await server.replace(givenBack(current));
  }

  stop.addEventListener("abort", end);
  if (stop.aborted) end();
  const acting = act({ signal: over.signal, holds: () => !over.signal.aborted && restSeconds() > 0 }).finally(end);
  acting.catch(() => {}); // it is awaited below
  try {
    while (!over.signal.aborted) {
      await sleep(retrySeconds * 1000, undefined, { signal: over.signal }).catch(() => {});
      if (over.signal.aborted) break;
      await renew().catch((error) => {
        onTrouble(new Error(`the lead is not renewed, and lost in ${restSeconds().toFixed(1)} s: ${error.message}`, { cause: error }));
        if (["Conflict", "AlreadyExists"].includes(reasonOf(error) ?? "")) lose();
      });
    }
    await acting;
  } finally {
    clearTimeout(deadline);
    stop.removeEventListener("abort", end);
    if (!isLost) await giveBack().catch((error) => onTrouble(new Error(`the lead is not given back: ${error.message}`, { cause: error })));
  }
  return isLost ? "lost" : "done";
}
