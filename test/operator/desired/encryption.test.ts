import { describe, expect, test } from "vitest";
import { databaseNames } from "../../../operator/desired/encryption.ts";
import type { Given } from "../../../operator/desired/given.ts";
import { encryptionIn } from "../../../operator/postgres/encryption-in.ts";
import type { KubeObject } from "../../cluster/kubectl.ts";
import { aGiven, objectsOf, seen } from "./given.ts";

const withTemplate = (objects: readonly KubeObject[]) => objects.filter(({ spec }) => spec?.template?.spec);
const certificatesOf = ({ spec }: KubeObject): string[] =>
  spec.template.spec.volumes
    .filter(({ secret }: { secret?: { secretName: string } }) => secret?.secretName === "shop-postgres-tls")
    .flatMap(({ secret }: { secret: { items: { key: string }[] } }) => secret.items.map(({ key }) => key));
const urlsOf = (objects: readonly KubeObject[]): string[] =>
  withTemplate(objects)
    .flatMap(({ spec }) => spec.template.spec.containers[0].env ?? [])
    .flatMap(({ name, value = "" }: { name: string; value?: string }) =>
      name.startsWith("DATABASE_") && value.includes("://") ? value.split(",") : [],
    );
const settingsOf = (objects: readonly KubeObject[]) =>
  objects.filter(({ data }) => data?.["patroni.yml"]).map(({ data }) => JSON.parse(data["patroni.yml"]).postgresql);

function withShards(shards: number): Given {
  const { system, ...given } = aGiven();
  return { ...given, system: { ...system, spec: { ...system.spec, postgres: { ...system.spec.postgres, shards } } }, shards };
}

describe("connections to managed Postgres", () => {
  test("are to a server whose certificate is for the name that it is called by, of every shard", () => {
    const given = withShards(3);

    const urls = urlsOf(objectsOf(given)).map((url) => new URL(url));

    expect(new Set(urls.map(({ hostname }) => hostname)).size).toBe(6);
    for (const { hostname, searchParams } of urls) {
      expect(databaseNames(given.system)).toEqual(expect.arrayContaining([hostname, `${hostname}.trade`, `${hostname}.trade.svc`]));
      expect(Object.fromEntries(searchParams)).toEqual({ sslmode: "verify-full", sslrootcert: "/etc/satang/postgres-tls/ca.crt" });
    }
  });

  test("are by no other way, and members check each other", () => {
    for (const { pg_hba, parameters, authentication } of settingsOf(objectsOf(withShards(2)))) {
      expect(pg_hba.filter((line: string) => !/^(local|hostssl) /.test(line))).toEqual([]);
      expect(parameters).toMatchObject({ ssl: "on" });
      for (const user of ["superuser", "replication", "rewind"]) expect(authentication[user].sslmode, user).toBe("verify-ca");
    }
  });

  test("need the authority's certificate in each process, the server's key in members only, and the authority's key nowhere", () => {
    const files = Object.fromEntries(
      withTemplate(objectsOf(aGiven())).map((one) => [one.metadata.name.replace(/migrate-.*/, "migrate"), certificatesOf(one)]),
    );

    expect(files).toEqual({
      "shop-postgres": ["ca.crt", "tls.crt", "tls.key"],
      "shop-migrate": ["ca.crt"],
      "shop-api": ["ca.crt"],
      "shop-dispatcher": ["ca.crt"],
      "shop-worker-payments": ["ca.crt"],
      "shop-worker-webhooks": ["ca.crt"],
      "shop-redis": [],
      "shop-simulator": [],
    });
  });

  test("of a database that somebody else runs are as its Secret says", () => {
    const external = { database: { primary: "postgres://owner:word@db.example.com/pay", replicas: [] } };
    const objects = objectsOf(
      aGiven({ postgres: { backend: "external", secretName: "shop-database" } }, { externals: external, certificates: undefined }),
    );

    expect(JSON.stringify(objects)).not.toMatch(/postgres-tls|sslmode/);
  });
});

describe("a system that ran without encryption", () => {
  const system = { postgres: { instances: 3 } };
  const pod = (component: string, annotations: object = {}, phase = "Running") => ({
    kind: "Pod",
    metadata: { name: component, labels: { "app.kubernetes.io/component": component }, annotations },
    status: { phase },
  });
  const encrypting = { "satang.dev/postgres-tls": "true" };
  const every = ["postgres", "shard-1", "api", "dispatcher", "worker-payments", "redis"];
  const come = (to: readonly string[]) => encryptionIn(seen(every.map((part) => pod(part, to.includes(part) ? encrypting : {}))));

  test("gets members first, then processes, and lets nobody in without it at last", () => {
    expect(come([])).toBe("offered");
    expect(come(["postgres"])).toBe("offered");
    expect(come(["postgres", "shard-1"])).toBe("verified");
    for (const last of ["api", "dispatcher", "worker-payments"])
      expect(come(every.filter((part) => part !== last)), `${last} without it`).toBe("verified");
    expect(come(["postgres", "shard-1", "api", "dispatcher", "worker-payments"])).toBe("required");
    expect(encryptionIn(seen([pod("migrate", {}, "Succeeded")])), "who has ended connects no more").toBe("required");
    expect(encryptionIn(seen([])), "a new system").toBe("required");
  });

  test("has standbys that follow a primary without it, and members that let old processes in, as long as there are such", () => {
    const at = (encryption: "offered" | "verified") => objectsOf(aGiven(system, { encryption }));

    expect(settingsOf(at("offered"))[0]).toMatchObject({ authentication: { replication: { sslmode: "prefer" } } });
    expect(settingsOf(at("verified"))[0]).toMatchObject({ authentication: { replication: { sslmode: "verify-ca" } } });
    for (const encryption of ["offered", "verified"] as const)
      expect(settingsOf(at(encryption))[0].pg_hba).toContain("host all all all scram-sha-256");
    expect(urlsOf(at("offered")).join()).not.toContain("sslmode");
    expect(urlsOf(at("verified")).join()).toContain("sslmode=verify-full");
  });

  test("has its processes left alone until every member can encrypt", () => {
    const templates = (encryption: "offered" | "verified") =>
      JSON.stringify(withTemplate(objectsOf(aGiven(system, { encryption }))).filter(({ kind }) => kind !== "StatefulSet"));

    expect(templates("offered")).not.toContain("postgres-tls");
    expect(templates("verified")).toContain('"satang.dev/postgres-tls":"true"');
  });
});
