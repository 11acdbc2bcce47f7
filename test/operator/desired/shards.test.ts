import { describe, expect, test } from "vitest";
import { moves } from "../../../operator/postgres/moves.ts";
import { noPrimary } from "../../../operator/postgres/no-primary.ts";
import { runningIn } from "../../../operator/running.ts";
import { mostPods } from "../../../operator/scaling/pool-bounds.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";
import { aGiven, aSystem, objectsOf, podSpecsOf, seen } from "./given.ts";

const one = aGiven();
const two = { ...one, system: aSystem({ postgres: { shards: 2 } }), shards: 2 };
const running = { image: one.images.workloads, shards: 1 };

const isProcess = ({ kind }: KubeObject) => kind === "Deployment";
const nameOf = ({ kind, metadata }: KubeObject) => `${kind}/${metadata.name}`;
const ofPart = (objects: KubeObject[], part: string) =>
  objects.filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/component"] === part);
const envOf = (objects: KubeObject[], role: string): Record<string, string> => {
  const container = podSpecsOf(objects)
    .flatMap(({ containers }) => containers)
    .find(({ name }) => name === role);
  return Object.fromEntries(container.env.map(({ name, value }: Record<string, string>) => [name, value]));
};

const verified = "?sslmode=verify-full&sslrootcert=/etc/satang/postgres-tls/ca.crt";

describe("the objects of several shards", () => {
  test("leave a system of one as it always was: its names, its selectors, and nothing about shards", () => {
    const objects = objectsOf(one);
    const members = objects.find((object) => nameOf(object) === "StatefulSet/shop-postgres")!;
    const { data } = objects.find((object) => nameOf(object) === "ConfigMap/shop-postgres-settings")!;

    expect(
      ofPart(objects, "postgres")
        .filter(({ kind }) => kind === "Service")
        .map(nameOf),
    ).toEqual(["Service/shop-postgres", "Service/shop-postgres-primary", "Service/shop-postgres-replicas"]);
    expect(members.spec.selector.matchLabels).toEqual({ "app.kubernetes.io/instance": "shop", "app.kubernetes.io/component": "postgres" });
    expect(JSON.parse(data["patroni.yml"]).scope).toBe("shop-postgres");
    expect(envOf(objects, "api").DATABASE_URL).toBe(
      `postgres://satang_api_login:$(DATABASE_PASSWORD)@shop-postgres-primary:5432/satang${verified}`,
    );
    expect(JSON.stringify(objects)).not.toMatch(/shard/i);
  });

  test("leave everything of the first shard as it is when a second is added, so that nothing that serves is started anew", () => {
    const grown = new Map(objectsOf(two, { migration: () => "begun", running }).map((object) => [nameOf(object), object]));

    for (const object of objectsOf(one).filter(({ kind }) => kind !== "Job")) expect(grown.get(nameOf(object))).toEqual(object);
  });

  test("are of each shard the same, under names of its own", () => {
    const objects = objectsOf(two);
    const asFirst = (object: KubeObject) => JSON.parse(JSON.stringify(object).replaceAll("shard-1", "postgres"));

    const whole = (name: string) => objects.filter(({ kind, metadata }) => metadata.name.startsWith(name) && kind !== "Secret");

    expect(whole("shop-shard-1").map(nameOf)).toContain("StatefulSet/shop-shard-1");
    expect(whole("shop-shard-1").map(asFirst)).toEqual(whole("shop-postgres"));
    const { rules } = objects.find((object) => nameOf(object) === "Role/shop-shard-1") as unknown as {
      rules: { resourceNames?: string[] }[];
    };
    for (const name of rules.flatMap(({ resourceNames = [] }) => resourceNames)) expect(name).toMatch(/^shop-shard-1-/);
  });
});

describe("a shard that is added", () => {
  test("is told to processes once every shard is migrated, and not before", () => {
    const during = objectsOf(two, { migration: () => "begun", running });
    const after = objectsOf(two);
    const shard = (login: string, password: string) => `postgres://${login}:$(${password})@shop-shard-1-primary:5432/satang${verified}`;

    expect(during.filter(isProcess)).toEqual(objectsOf(one).filter(isProcess));
    expect(envOf(during, "migrate").DATABASE_SHARD_URLS).toBe(shard("satang", "OWNER_PASSWORD"));
    for (const role of ["api", "dispatcher", "worker"])
      expect(envOf(after, role).DATABASE_SHARD_URLS, role).toBe(shard(`satang_${role}_login`, "DATABASE_PASSWORD"));
    expect(envOf(after, "api").DATABASE_SHARD_REPLICA_URLS).toBe(
      `postgres://satang_api_login:$(DATABASE_PASSWORD)@shop-shard-1-replicas:5432/satang${verified}`,
    );
  });

  test("lets pools have as many pods as before, for each process holds as many connections to each primary", () => {
    const most = ({ system }: typeof two) => system.spec.workers.map((pool) => mostPods(system, pool).pods);

    expect(most(two)).toEqual(most(one));
  });

  test("waits for the database as a whole to be ready before it is migrated", () => {
    const jobs = objectsOf(two, { databaseReady: false, migration: () => "none", running }).filter(({ kind }) => kind === "Job");

    expect(jobs).toEqual([]);
  });

  test("stays known to processes while a later image or a third shard is migrated", () => {
    const three = { ...two, system: aSystem({ postgres: { shards: 3 } }), shards: 3 };

    const known = runningIn(two.system, seen(objectsOf(two)));
    const during = objectsOf(three, { migration: () => "begun", running: known });

    expect(during.filter(isProcess)).toEqual(objectsOf(two).filter(isProcess));
  });
});

describe("each shard by itself", () => {
  const pod = (part: string, ordinal: number, role?: string, ready = "True") => ({
    kind: "Pod",
    metadata: {
      name: `shop-${part}-${ordinal}`,
      namespace: "trade",
      labels: { "app.kubernetes.io/component": part, "satang.dev/follows": "closely", ...(role && { "satang.dev/role": role }) },
    },
    status: { conditions: [{ type: "Ready", status: ready }] },
  });
  const map = (name: string, annotations: Record<string, string>) => ({
    kind: "ConfigMap",
    metadata: { name: `shop-${name}`, namespace: "trade", annotations },
  });

  test("has its label taken from whoever is not its leader, and gets its settings", () => {
    const objects = seen([
      map("postgres-leader", { leader: "shop-postgres-0" }),
      pod("postgres", 0, "primary"),
      map("shard-1-leader", { leader: "shop-shard-1-1" }),
      map("shard-1-config", { config: "{}" }),
      pod("shard-1", 0, "primary"),
      pod("shard-1", 1, "primary"),
    ]);

    const asked = moves(two.system, { objects, lag: new Map(), at: new Date() });

    expect(asked).toMatchObject([
      { kind: "unlabel", pod: { name: "shop-shard-1-0" }, leaderMap: "shop-shard-1-leader" },
      { kind: "configure", map: { name: "shop-shard-1-config" } },
    ]);
  });

  test("goes on to count where another has no primary; only without any do queues wait for an election", () => {
    const hold = (first: string, second: string) => {
      const objects = seen([
        map("postgres-leader", { leader: "shop-postgres-0" }),
        map("shard-1-leader", { leader: "shop-shard-1-0" }),
        pod("postgres", 0, "primary", first),
        pod("shard-1", 0, "primary", second),
      ]);
      return noPrimary({ objectsOf: () => objects }, "trade", "shop");
    };

    expect(hold("True", "False")).toBeUndefined();
    expect(hold("False", "True")).toBeUndefined();
    expect(hold("False", "False")).toMatch(/no member of shop-postgres, shop-shard-1 takes writes/);
  });
});
