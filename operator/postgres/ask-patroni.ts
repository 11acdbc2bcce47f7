import { z } from "zod";
import { askProcess, urlAt } from "../ask-process.ts";
import { patroniPort } from "../desired/patroni.ts";

/** How far a member's log has come, in bytes since there is one: written by the one that takes writes, replayed by one that follows. */
export type Position = { readonly role: "primary"; readonly written: number } | { readonly role: "replica"; readonly replayed: number };

const answer = z.discriminatedUnion("role", [
  z.object({ role: z.literal("primary"), xlog: z.object({ location: z.number() }) }),
  z.object({ role: z.literal("replica"), xlog: z.object({ replayed_location: z.number() }) }),
]);

const patienceMs = 1_500;

/** Asked of the server itself: what Patroni writes on its pod is how far a standby has received, and is seconds old. Undefined: it does not say. */
export async function askPatroni(podIP: string, stop: AbortSignal): Promise<Position | undefined> {
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(patienceMs)]);
    const said = answer.parse(JSON.parse(await askProcess(urlAt(podIP, patroniPort, "/patroni"), signal)));
    if (said.role === "primary") return { role: said.role, written: said.xlog.location };
    return { role: said.role, replayed: said.xlog.replayed_location };
  } catch {
    return undefined; // it is on its way up or down, or cannot be reached from here
  }
}
