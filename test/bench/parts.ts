import { costsRound } from "./costs-round.ts";
import type { Goal, Round } from "./figures.ts";
import { paymentGoals, plainGoals, queueGoals, readingGoals } from "./goals.ts";
import { paymentsRound } from "./payments-round.ts";
import { plainRound } from "./plain/plain-round.ts";
import { startPlain } from "./plain/plain-stage.ts";
import { queuesRound } from "./queues/queues-round.ts";
import { readingRound } from "./reading-round.ts";
import { startReading } from "./reading-stage.ts";
import { type Stage, settledPayments } from "./stage.ts";

/** What is measured together, in rounds, each of which has all of its figures. */
export type Part = {
  readonly goals: readonly Goal[];
  readonly measure: (stage: Stage, options: PartOptions, inRounds: InRounds) => Promise<Round[]>;
};
export type PartOptions = { readonly seconds: number; readonly pgbenchBinary: string };
export type InRounds = (round: () => Promise<Round>) => Promise<Round[]>;

/** In the order in which they are run: the last one leaves a standby behind, on the same cores. */
export const parts: Readonly<Record<string, Part>> = {
  payments: { goals: paymentGoals, measure: (stage, options, inRounds) => inRounds(() => paymentsRound(stage, options)) },
  costs: { goals: [], measure: (stage, options, inRounds) => inRounds(() => costsRound(stage, options)) },
  plain: {
    goals: plainGoals,
    async measure(stage, options, inRounds) {
      await using plain = await startPlain(stage);
      return await inRounds(() => plainRound(stage, plain, options));
    },
  },
  queues: { goals: queueGoals, measure: (stage, _options, inRounds) => inRounds(() => queuesRound(stage)) },
  reads: {
    goals: readingGoals,
    async measure(stage, options, inRounds) {
      await settledPayments(stage, 6_000);
      await using reading = await startReading(stage);
      return await inRounds(() => readingRound(stage, reading, options));
    },
  },
};
