import { connectionsOf } from "../../operator/scaling/pool-bounds.ts";
import type { Round } from "./figures.ts";
import { figuresAt, type Panel } from "./panel.ts";
import { generator, type Used } from "./used.ts";

export const measuredRates = [0, 100, 1_000];
const modelledRates = [100, 1_000, 10_000];

const busy = 0.7; // of a core, so that a burst finds room
const [secondsADay, gigabyte, megabyte] = [86_400, 1e9, 1e6];

const shared = ["API cores", "worker cores", "Postgres cores", "other cores", "MB of log a second"];
const more = ["API pods", "worker pods", "connections", "GB of disk a day", "MB of Redis for a minute's wait"];
export const capacityPanels: readonly Panel[] = [
  { of: "payments/s, measured", at: measuredRates, columns: shared, drawn: [], unit: "" },
  { of: "payments/s, by the model", at: modelledRates, columns: [...shared, ...more], drawn: [], unit: "" },
];

/** What was taken in a second at a rate at which it was measured, as part of a round. */
export const measured = (rate: number, inSecond: Used): Round => figuresAt(rate, "payments/s, measured", taken(inSecond));

/**
 * What payments would take: what is taken at rest, and for each payment what one takes where they come as fast as they can. `waiting`: bytes
 * of Redis for one that waits.
 */
export function modelled(atRest: Used, forOne: Used, waiting: number): Round {
  const rows = modelledRates.map((rate) => {
    const figures = taken(plus(atRest, forOne, rate));
    const [api, worker] = [podsOf(figures["API cores"]!, 2), podsOf(figures["worker cores"]!, 1)];
    return figuresAt(rate, "payments/s, by the model", {
      ...figures,
      "API pods": api,
      "worker pods": worker,
      connections: api * connectionsOf.api + worker * connectionsOf.worker + connectionsOf.dispatcher,
      "GB of disk a day": (rate * forOne.disk * secondsADay) / gigabyte,
      "MB of Redis for a minute's wait": (rate * waiting * 60) / megabyte,
    });
  });
  return Object.assign({}, ...rows);
}

function plus(atRest: Used, forOne: Used, times: number): Used {
  const kinds = Object.entries(atRest.microseconds).map(([kind, rest]) => [kind, rest + times * forOne.microseconds[kind]!]);
  return { ...atRest, microseconds: Object.fromEntries(kinds), log: atRest.log + times * forOne.log };
}

/** Of what is used in a second. */
function taken({ microseconds, log }: Used): Round {
  const { api = 0, worker = 0, postgres = 0, redis = 0, dispatcher = 0 } = microseconds;
  return {
    "API cores": api / 1e6,
    "worker cores": worker / 1e6,
    "Postgres cores": postgres / 1e6,
    "other cores": (redis + dispatcher) / 1e6,
    "MB of log a second": log / megabyte,
  };
}

const podsOf = (cores: number, least: number): number => Math.max(least, Math.ceil(cores / busy));

/** Payments a second that so many cores would do, if nothing but them bounded it, with whoever makes the load and the provider on them too. */
export function boundBy(cores: number, { microseconds }: Used): number {
  const forOne = Object.values(microseconds).reduce((sum, each) => sum + each, 0);
  return (cores * 1e6) / forOne;
}

/** The flat figures of one payment. */
export function figuresOf({ microseconds, log, disk }: Used): Round {
  const costs = Object.entries(microseconds)
    .toSorted(([a], [b]) => Number(a === generator) - Number(b === generator))
    .map(([kind, each]) => [`µs of a core for a payment, ${kind}`, each]);
  return { ...Object.fromEntries(costs), "bytes of write-ahead log for a payment": log, "bytes of disk for a payment": disk };
}
