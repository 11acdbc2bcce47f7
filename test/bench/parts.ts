import { missing, thisMachine } from "../cluster/build/missing.ts";
import { capacityPanels } from "./capacity.ts";
import { costsRound } from "./costs-round.ts";
import type { Goal, Round } from "./figures.ts";
import { growthGoals, operatorGoals, paymentGoals, plainGoals, queueGoals, readingGoals } from "./goals.ts";
import { growth } from "./growth/growth.ts";
import { operatorRound } from "./operator/operator-round.ts";
import type { Panel } from "./panel.ts";
import { paymentsRound } from "./payments-round.ts";
import { pgbenchBinary } from "./pgbench.ts";
import { plainRound } from "./plain/plain-round.ts";
import { startPlain } from "./plain/plain-stage.ts";
import { profile } from "./profile/profile.ts";
import { queuesRound } from "./queues/queues-round.ts";
import { readingRound } from "./reading-round.ts";
import { startReading } from "./reading-stage.ts";
import { type Stage, settledPayments } from "./stage.ts";

/** What is measured together. */
export type Part = {
  readonly goals: readonly Goal[];
  /** What keeps this machine from it, in a few words; undefined if nothing does. */
  readonly lacks?: () => string | undefined;
  readonly measure: (on: Bench) => Promise<Measured>;
};

export type Bench = {
  /** A whole system on this machine: started by whoever asks first, and one for all parts. */
  readonly stage: () => Promise<Stage>;
  readonly seconds: number;
  readonly restMinutes: number;
  /** Up to how many payments are stored. */
  readonly rows: number;
  readonly inRounds: (round: () => Promise<Round>, of?: string) => Promise<Round[]>;
  readonly say: (what: string) => void;
};

export type Measured = {
  /** Of the servers it was measured on. */
  readonly versions: string;
  /** Each has all figures. */
  readonly rounds: readonly Round[];
  readonly panels?: readonly Panel[];
  readonly pictures?: readonly Picture[];
};

/** A picture that stands beside the page, as `performance/<name>.svg`. */
export type Picture = { readonly name: string; readonly svg: string };

/** In the order in which they are run: `reads` leaves a standby behind, on the same cores. */
export const parts: Readonly<Record<string, Part>> = {
  payments: {
    goals: paymentGoals,
    lacks: () => (pgbenchBinary() ? undefined : "pgbench, which everything is measured against and which Debian's postgresql brings"),
    measure: inRoundsOnStage((stage, { seconds }) => paymentsRound(stage, { seconds, pgbenchBinary: pgbenchBinary()! })),
  },
  costs: { goals: [], measure: async (on) => ({ ...(await inRoundsOnStage(costsRound)(on)), panels: capacityPanels }) },
  plain: {
    goals: plainGoals,
    async measure({ stage, inRounds, seconds }) {
      const on = await stage();
      await using plain = await startPlain(on);
      return { versions: on.version, rounds: await inRounds(() => plainRound(on, plain, { seconds })) };
    },
  },
  queues: { goals: queueGoals, measure: inRoundsOnStage(queuesRound) },
  profile: { goals: [], measure: profile },
  growth: { goals: growthGoals, measure: growth },
  operator: {
    goals: operatorGoals,
    lacks: () => missing(thisMachine()),
    measure: ({ restMinutes, say }) => operatorRound(restMinutes, say),
  },
  reads: {
    goals: readingGoals,
    async measure({ stage, inRounds, seconds }) {
      const on = await stage();
      await settledPayments(on, 6_000);
      await using reading = await startReading(on);
      return { versions: on.version, rounds: await inRounds(() => readingRound(on, reading, { seconds })) };
    },
  },
};

function inRoundsOnStage(round: (stage: Stage, on: Bench) => Promise<Round>): Part["measure"] {
  return async (on) => {
    const stage = await on.stage();
    return { versions: stage.version, rounds: await on.inRounds(() => round(stage, on)) };
  };
}
