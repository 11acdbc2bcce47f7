import { setTimeout as sleep } from "node:timers/promises";

// Longer than an offer's statement takes, shorter than anybody minds.
const momentMs = 100;

/**
 * Claims, and where there is nothing to be had claims once more, a moment later. Two who look at once for what is due lock each other's rows
 * for as long as their statements take, also those that the other has just offered, and a claim skips what is locked: without a second
 * look it would be due again only after the visibility.
 */
export async function lookTwice<Claimed>(claim: () => Promise<Claimed | undefined>): Promise<Claimed | undefined> {
  const claimed = await claim();
  if (claimed !== undefined) return claimed;
  await sleep(momentMs);
  return claim();
}
