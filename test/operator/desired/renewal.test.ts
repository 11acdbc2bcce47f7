import { describe, expect, test } from "vitest";
import type { Metadata } from "../../../operator/kube/kinds.ts";
import { nextRenewal } from "../../../operator/postgres/renewal.ts";
import type { Member, ReplicaSet } from "../../../operator/postgres/replica-set.ts";

const now = new Date("2026-01-01T00:00:00Z");

describe("the renewal of a replica set", () => {
  test("takes standbys first, then hands over, and takes the old primary last", () => {
    let set = aSet({ isOutdated: true });
    const steps: string[] = [];

    for (let step = nextRenewal(set, now); step; step = nextRenewal(set, now)) {
      steps.push(step.do === "renew" ? step.member.name : `${step.from.name} → ${step.to.name}`);
      set = step.do === "renew" ? changed(set, step.member.name, { isOutdated: false }) : ledBy(set, step.to.name);
    }

    expect(steps).toEqual(["pg-2", "pg-1", "pg-0 → pg-1", "pg-0"]);
  });

  test.each([
    ["is not ready", { isReady: false }],
    ["has not caught up", { isCaughtUp: false }],
    ["is on its way out", { metadata: { name: "pg-2", deletionTimestamp: "2026-01-01T00:00:00Z" } as unknown as Metadata }],
  ])("waits while a member that was renewed %s", (_, fields) => {
    const set = changed(aSet({ isOutdated: true }), "pg-2", { isOutdated: false, ...fields });

    expect(nextRenewal(set, now)).toBeUndefined();
  });

  test("waits while a member is not there, and while a switchover is under way", () => {
    const set = aSet({ isOutdated: true });

    expect(nextRenewal({ ...set, members: set.members.slice(0, 2) }, now)).toBeUndefined();
    expect(nextRenewal({ ...set, isHandingOver: true }, now)).toBeUndefined();
  });

  test("waits until the primary counts on each standby, for those that it counts on are not to be taken away", () => {
    const set = changed(aSet({ isOutdated: true }), "pg-2", { isOutdated: false });
    const standbysDone = changed(set, "pg-1", { isOutdated: false });

    for (const synchronousStandbys of [["pg-1"], ["pg-2"], []]) {
      expect(nextRenewal({ ...set, synchronousStandbys }, now)).toBeUndefined();
      expect(nextRenewal({ ...standbysDone, synchronousStandbys }, now)).toBeUndefined();
    }
    expect(nextRenewal(set, now)).toMatchObject({ do: "renew", member: { name: "pg-1" } });
    expect(nextRenewal(standbysDone, now)).toMatchObject({ do: "switchover", to: { name: "pg-1" } });
  });

  test("takes nobody from a new primary before a standby follows it, unless none comes for long", () => {
    const set = { ...changed(aSet({ isOutdated: true }), "pg-1", { isReady: false }), synchronousStandbys: [] };
    const since = (seconds: number) => ({ ...set, leadsSince: new Date(now.getTime() - seconds * 1000) });

    expect(nextRenewal(since(5), now)).toBeUndefined();
    expect(nextRenewal(since(60), now)).toMatchObject({ do: "renew", member: { name: "pg-1" } });
  });

  test("begins with a standby that does not serve or follow, which the change may mend, and never with such a primary", () => {
    const set = aSet({ isOutdated: true });

    for (const fields of [{ isReady: false }, { isCaughtUp: false }])
      expect(nextRenewal(changed(set, "pg-1", fields), now)).toMatchObject({ do: "renew", member: { name: "pg-1" } });
    expect(nextRenewal(changed(set, "pg-0", { isReady: false }), now)).toBeUndefined();
  });

  test("takes an only member as it is", () => {
    const set = aSet({ isOutdated: true });

    expect(nextRenewal({ ...set, wanted: 1, members: set.members.slice(0, 1), synchronousStandbys: [] }, now)).toMatchObject({
      do: "renew",
    });
  });
});

/** Three members, of which pg-0 leads and the others have everything. */
function aSet(fields: Partial<Member>): ReplicaSet {
  const members = [0, 1, 2].map((ordinal): Member => {
    const name = `pg-${ordinal}`;
    const metadata = { name, uid: name, resourceVersion: "1" } as Metadata;
    return { name, metadata, isLeader: ordinal === 0, isReady: true, trouble: undefined, isCaughtUp: true, isOutdated: false, ...fields };
  });
  const leadsSince = new Date("2025-12-01T00:00:00Z");
  return { wanted: 3, leader: "pg-0", leadsSince, synchronousStandbys: ["pg-1", "pg-2"], members, isHandingOver: false };
}

const changed = (set: ReplicaSet, name: string, fields: Partial<Member>): ReplicaSet => ({
  ...set,
  members: set.members.map((member) => (member.name === name ? { ...member, ...fields } : member)),
});

const ledBy = (set: ReplicaSet, leader: string): ReplicaSet => ({
  ...set,
  leader,
  synchronousStandbys: set.members.map(({ name }) => name).filter((name) => name !== leader),
  members: set.members.map((member) => ({ ...member, isLeader: member.name === leader })),
});
