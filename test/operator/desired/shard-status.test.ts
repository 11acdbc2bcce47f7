import { describe, expect, test } from "vitest";
import type { Observed } from "../../../operator/observe.ts";
import { newsOf } from "../../../operator/status/news.ts";
import { postgresReady } from "../../../operator/status/postgres-ready.ts";
import { aSystem, seen } from "./given.ts";

const system = aSystem({ postgres: { shards: 2 } });

/** Two shards, of which the processes know so many; each has a primary with two standbys, unless it is `without` one. */
function tell({ known = 2, without = [] as number[] } = {}) {
  const sets = [0, 1].flatMap((shard) => {
    const name = shard === 0 ? "shop-postgres" : `shop-shard-${shard}`;
    const isWhole = !without.includes(shard);
    const leader = `${name}-0`;
    return [
      { kind: "StatefulSet", metadata: { name, generation: 1 }, status: { observedGeneration: 1, readyReplicas: isWhole ? 3 : 0 } },
      ...(isWhole
        ? [
            { kind: "ConfigMap", metadata: { name: `${name}-leader`, annotations: { leader } } },
            { kind: "ConfigMap", metadata: { name: `${name}-sync`, annotations: { leader, sync_standby: `${name}-1,${name}-2` } } },
          ]
        : []),
    ];
  });
  const api = {
    kind: "Deployment",
    metadata: { name: "shop-api", annotations: { ...(known > 1 && { "satang.dev/shards": String(known) }) } },
    spec: { template: { spec: { containers: [{ name: "api", image: "registry.test/workloads:1" }] } } },
  };
  const observed = { objects: seen([...sets, api]), refusals: new Map(), at: new Date() } as unknown as Observed;
  return postgresReady({ system, observed });
}

describe("of several shards, DatabaseReady says", () => {
  test("who takes writes on each, while all is well", () => {
    expect(tell()).toMatchObject({
      state: "well",
      message: expect.stringMatching(/shop-postgres-0 takes writes.*shop-shard-1-0 takes writes/),
    });
  });

  test("whose payments wait, when one has no primary: those of its own merchants", () => {
    expect(tell({ without: [1] })).toMatchObject({
      state: "working",
      reason: "NoPrimary",
      message: "0 of 3 pods of shop-shard-1 are ready; no payment of a merchant on shard 1 is accepted until a member takes writes",
    });
  });

  test("that the first keeps everybody's keys, which are remembered for a minute", () => {
    expect(tell({ without: [0] }).message).toMatch(
      /no payment of a merchant on shard 0, nor of one whose key was not used within the last minute, is accepted/,
    );
  });

  test("of a shard that no process knows yet that payments go on without it", () => {
    expect(tell({ known: 1, without: [1] })).toMatchObject({
      reason: "NoPrimary",
      message: expect.stringMatching(/shop-shard-1.*payments go on/),
    });
  });

  test("which others are not well either", () => {
    expect(tell({ without: [0, 1] }).message).toMatch(/pods of shop-postgres are ready.*nor is all well with shop-shard-1$/);
  });
});

test("people are told of each shard's new primary, and of no other", () => {
  const status = (...primaries: string[]) => ({
    postgres: { ready: "6/6", shards: primaries.map((primary, shard) => ({ shard, instances: 3, readyInstances: 3, primary })) },
  });

  const news = newsOf(status("shop-postgres-0", "shop-shard-1-0"), status("shop-postgres-2", "shop-shard-1-0"));

  expect(news.map(({ message }) => message)).toEqual(["shop-postgres-2 takes writes"]);
});
