import type { Round } from "../figures.ts";
import { allSettled, held, load, type Stage, sweepTables, withClient } from "../stage.ts";
import { forEach, type Used, usedBy } from "../used.ts";
import { type PlainStage, sweepPlain } from "./plain-stage.ts";

/**
 * Measures ours and the plain build once, one after the other: what each accepts over HTTP while nobody works on it, and what of that is
 * a whole payment by the time that all of it is done.
 */
export async function plainRound(stage: Stage, plain: PlainStage, { seconds }: { readonly seconds: number }): Promise<Round> {
  await sweepTables(stage.postgresUrl);
  const ours = await whole(stage, { seconds, done: () => allSettled(stage.postgresUrl, 60_000) });
  await sweepPlain(stage.postgresUrl);
  const theirs = await whole({ ...stage, ...plain }, { seconds, done: () => allCharged(stage.postgresUrl) });
  return {
    "accepts/s over HTTP": ours.accepted,
    "p99 ms of an accept over HTTP": ours.p99,
    "whole payments/s over HTTP": ours.whole,
    "accepts/s of the plain build": theirs.accepted,
    "p99 ms of an accept of the plain build": theirs.p99,
    "whole payments/s of the plain build": theirs.whole,
    ...named("", ours.microseconds),
    ...named(" of the plain build", theirs.microseconds),
  };
}

/** What a whole payment took of a core. */
function named(whose: string, microseconds: Used["microseconds"]): Round {
  return Object.fromEntries(Object.entries(microseconds).map(([kind, each]) => [`µs of a core for a payment${whose}, ${kind}`, each]));
}

async function whole(
  build: Parameters<typeof usedBy>[0] & Pick<Stage, "apiPort" | "secretKey" | "performers">,
  { seconds, done }: { seconds: number; done(): Promise<void> },
) {
  const still = held(build);
  try {
    const before = await usedBy(build);
    const { good, perSecond, p99 } = await load(build, `--seconds=${seconds}`);
    const start = performance.now();
    still[Symbol.dispose]();
    await done();
    const { microseconds } = forEach(good, before, await usedBy(build));
    return { microseconds, accepted: perSecond, p99, whole: good / (good / perSecond + (performance.now() - start) / 1000) };
  } finally {
    still[Symbol.dispose]();
  }
}

async function allCharged(url: string): Promise<void> {
  await withClient(url, async (client) => {
    for (const deadline = performance.now() + 60_000; performance.now() < deadline; ) {
      const { rows } = await client.query<{ open: boolean }>(
        "select exists (select from plain.payments where status = 'processing') as open",
      );
      if (!rows[0]!.open) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error("the plain build has not charged all of its payments");
  });
}
