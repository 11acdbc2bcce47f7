import { describe, expect, test } from "vitest";
import type { Metadata } from "../../../operator/kube/kinds.ts";
import type { Position } from "../../../operator/postgres/ask-patroni.ts";
import { wrongFollowers } from "../../../operator/postgres/followers.ts";
import { type Following, type Seen, seenAt } from "../../../operator/postgres/lag.ts";
import type { Member, ReplicaSet } from "../../../operator/postgres/replica-set.ts";

describe("a standby", () => {
  test("that replays what is written, a few seconds late, follows closely", () => {
    expect(looks([0, 1, 2, 3, 4, 5].map((look) => ({ written: 100 * look, replayed: 100 * look - 80 }))).at(-1)).toBe("closely");
  });

  test("that stops replaying is behind 10 s later, and follows closely again once it has what there was 5 s ago", () => {
    const written = [0, 100, 200, 300, 400, 500, 600, 700].map((position) => ({ written: position }));
    const replayed = [0, 100, 100, 100, 100, 350, 450, 700];

    const following = looks(written.map((one, look) => ({ ...one, replayed: replayed[look] })));

    expect(following).toEqual([undefined, "closely", "closely", "closely", "behind", "behind", "behind", "closely"]);
  });

  test("of a database that nobody writes to follows closely, however long ago the last commit was", () => {
    expect(looks(Array.from({ length: 10 }, () => ({ written: 700, replayed: 700 }))).at(-1)).toBe("closely");
  });

  test("that does not answer is not known to follow or not, nor is any while nobody leads, or two say that they do", () => {
    const known = looks([0, 1, 2, 3].map((look) => ({ written: 100 * look, replayed: 0 })));
    expect(known.at(-1)).toBe("behind");

    expect(looks([{ written: 0, replayed: 0 }, { written: 100, replayed: 100 }, { written: 200 }]).at(-1)).toBeUndefined();
    expect(seenAt(0, positions({ replayed: 0 }), undefined)).toBeUndefined();
    expect(
      seenAt(0, new Map([...positions({ written: 1, replayed: 1 }), ["pg-2", { role: "primary", written: 1 }]]), undefined),
    ).toBeUndefined();
  });

  test("is compared with nothing that a leader before this one had written", () => {
    const before = seenAt(0, positions({ written: 1_000, replayed: 500 }), undefined);
    const led = new Map<string, Position>([
      ["pg-2", { role: "primary", written: 600 }],
      ["pg-1", { role: "replica", replayed: 600 }],
    ]);

    expect(seenAt(15_000, led, before)?.following.get("pg-1")).toBeUndefined();
  });

  test("costs no more memory the longer it is watched", () => {
    let seen: Seen | undefined;
    for (let look = 0; look < 1_000; look += 1) seen = seenAt(5_000 * look, positions({ written: look, replayed: look }), seen);

    expect(seen?.written.length).toBeLessThanOrEqual(4);
  });
});

describe("reads are led", () => {
  test.for<[string, Record<string, Following>, ReplicaSet, Record<string, Following>]>([
    ["to whom a pod's template leads them, while nothing is known", {}, aSet(), {}],
    ["not to a standby that is behind", { "pg-1": "behind", "pg-2": "closely" }, aSet(), { "pg-1": "behind" }],
    ["to all, when no standby follows closely", { "pg-1": "behind", "pg-2": "behind" }, aSet(), {}],
    ["to one that is behind, while no other serves", { "pg-1": "behind" }, aSet({ "pg-2": { isReady: false } }), {}],
    ["to one again that was behind and is not", { "pg-1": "closely" }, aSet({ "pg-1": labelled("behind") }), { "pg-1": "closely" }],
    ["still not to one that was behind and does not say", {}, aSet({ "pg-1": labelled("behind") }), {}],
    [
      "to one that was behind, when the other goes",
      {},
      aSet({ "pg-1": labelled("behind"), "pg-2": { isReady: false } }),
      { "pg-1": "closely" },
    ],
    ["to a pod that was made before there was a label", {}, aSet({ "pg-1": labelled(undefined) }), { "pg-1": "closely" }],
    ["to one that led while it was marked, when it follows", {}, aSet({ "pg-0": labelled("behind") }), { "pg-0": "closely" }],
  ])("%s", ([, lag, set, changed]) => {
    const wrong = wrongFollowers(set, new Map(Object.entries(lag)));

    expect(Object.fromEntries(wrong.map(({ pod, follows }) => [pod.name, follows]))).toEqual(changed);
  });
});

type Look = { readonly written?: number; readonly replayed?: number | undefined };

const positions = ({ written, replayed }: Look): Map<string, Position> =>
  new Map<string, Position>([
    ...(written === undefined ? [] : [["pg-0", { role: "primary", written }] as const]),
    ...(replayed === undefined ? [] : [["pg-1", { role: "replica", replayed }] as const]),
  ]);

/** What is known of pg-1 after each of these looks, 5 s apart. */
function looks(all: readonly Look[]): (Following | undefined)[] {
  let seen: Seen | undefined;
  return all.map((one, look) => {
    seen = seenAt(5_000 * look, positions(one), seen);
    return seen?.following.get("pg-1");
  });
}

/** pg-0 leads; all serve, and are as they were made. */
function aSet(fields: Readonly<Record<string, Partial<Member>>> = {}): ReplicaSet {
  const members = [0, 1, 2].map((ordinal): Member => {
    const name = `pg-${ordinal}`;
    const state = { isLeader: ordinal === 0, isReady: true, trouble: undefined, isCaughtUp: true, isOutdated: false };
    const { metadata, ...rest } = { ...labelled("closely"), ...fields[name] };
    return { name, ...state, ...rest, metadata: { ...metadata, name } as Metadata };
  });
  return { wanted: 3, leader: "pg-0", leadsSince: undefined, synchronousStandbys: ["pg-1", "pg-2"], members, isHandingOver: false };
}

function labelled(follows: Following | undefined): Partial<Member> {
  return { metadata: { labels: follows ? { "satang.dev/follows": follows } : {} } as Metadata };
}
