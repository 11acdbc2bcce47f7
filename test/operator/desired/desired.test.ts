import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileOnly, nodeEnv, nodeFlags } from "../../../workloads/contract.ts";
import { aGiven, objectsOf, podSpecsOf } from "./given.ts";

const named = (objects: ReturnType<typeof objectsOf>) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
const imagesOf = (objects: ReturnType<typeof objectsOf>) =>
  new Set(podSpecsOf(objects).flatMap(({ containers }) => containers.map((one: { image: string }) => one.image)));

describe("the objects of a system", () => {
  test("hold no secret, but the Secrets", () => {
    const given = aGiven();
    const { keys, postgres, redis, events } = given.credentials;
    const { authority, serving } = given.certificates!;
    const ofLogins = [keys.secretKey, keys.adminKey, ...Object.values(postgres), ...Object.values(redis), events.secret];
    const words = [...ofLogins, authority.key, serving.key];

    const text = JSON.stringify(objectsOf(given).filter(({ kind }) => kind !== "Secret"));

    for (const word of words) expect(text).not.toContain(word);
  });

  test("have pods without a token but for the members that elect, and with nothing to write to but /tmp and volumes", () => {
    const pods = podSpecsOf(objectsOf(aGiven()));

    expect(pods.length).toBe(8);
    for (const pod of pods) {
      expect(pod.automountServiceAccountToken, pod.serviceAccountName).toBe(pod.serviceAccountName === "shop-postgres");
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
      for (const { securityContext } of pod.containers)
        expect(securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } });
    }
  });

  test("go with their system, but for credentials and volumes, which go only when it says so", () => {
    const owned = (deletionPolicy: string) =>
      objectsOf(aGiven({ deletionPolicy })).filter(({ metadata }) => (metadata.ownerReferences as object[] | undefined)?.length === 1);
    const claims = (deletionPolicy: string) =>
      objectsOf(aGiven({ deletionPolicy })).flatMap(({ spec }) => spec?.persistentVolumeClaimRetentionPolicy?.whenDeleted ?? []);

    expect(owned("Retain").some(({ kind }) => kind === "Secret")).toBe(false);
    expect(owned("Retain").length).toBe(objectsOf(aGiven()).length - 5);
    expect(owned("Delete").length).toBe(objectsOf(aGiven()).length);
    expect(claims("Retain")).toEqual(["Retain", "Retain", "Retain"]);
    expect(claims("Delete")).toEqual(["Delete", "Delete", "Delete"]);
  });

  test("are the same each time they are built", () => {
    const given = aGiven();

    expect(objectsOf(given)).toEqual(objectsOf(given));
  });
});

describe("the order of things", () => {
  test("lets no process of an image start before the database is at its version", () => {
    const objects = objectsOf(aGiven(), { migration: () => "begun" });

    expect(named(objects).some((name) => name.startsWith("Job/shop-migrate-"))).toBe(true);
    expect(objects.some(({ kind }) => kind === "Deployment")).toBe(false);
  });

  test("begins no migration before the database is ready, and drops none that has begun when it is not for a while", () => {
    const jobs = (migration: "none" | "begun") =>
      objectsOf(aGiven(), { databaseReady: false, migration: () => migration }).filter(({ kind }) => kind === "Job").length;

    expect(jobs("none")).toBe(0);
    expect(jobs("begun")).toBe(1);
  });

  test("keeps processes of the image before it while a migration runs", () => {
    const objects = objectsOf(aGiven(), { migration: () => "begun", running: { image: "registry.test/workloads:0", shards: 1 } });

    const deployments = objects.filter(({ kind }) => ["Deployment", "StatefulSet"].includes(kind));
    expect(imagesOf(deployments)).toEqual(new Set(["registry.test/workloads:0", "registry.test/postgres:1", "registry.test/redis:1"]));
    expect(imagesOf(objects.filter(({ kind }) => kind === "Job"))).toEqual(new Set(["registry.test/workloads:1"]));
  });

  test("migrates again for another image and for other passwords, and not for anything else", () => {
    const job = (given: ReturnType<typeof aGiven>) => named(objectsOf(given)).find((name) => name.startsWith("Job/"));
    const given = aGiven();

    expect(job({ ...given, images: { ...given.images, workloads: "registry.test/workloads:2" } })).not.toBe(job(given));
    expect(job({ ...given, credentials: aGiven().credentials })).not.toBe(job(given));
    expect(job({ ...given, system: aGiven({ api: { replicas: { min: 3 } } }).system })).toBe(job(given));
  });
});

describe("NetworkPolicies", () => {
  test("let any pod of the cluster read the metrics of Postgres members, of every shard, and none but callers reach the database", () => {
    const policies = objectsOf(aGiven({ postgres: { shards: 2 } })).filter(({ kind }) => kind === "NetworkPolicy");
    const members = policies.filter(({ spec }) => /^(postgres|shard-)/.test(spec.podSelector.matchLabels["app.kubernetes.io/component"]));

    const who = members.map(({ spec }) => Object.fromEntries(spec.ingress.map(({ ports, from }: Rule) => [ports[0]!.port, from])));

    expect(who.length).toBe(2);
    for (const from of who) {
      expect(from[8008]).toEqual([{ namespaceSelector: {} }]);
      for (const peer of from[5432]!)
        expect(peer).toEqual({ podSelector: { matchLabels: expect.objectContaining({ "app.kubernetes.io/instance": "shop" }) } });
    }
  });

  type Rule = { readonly ports: readonly { readonly port: number }[]; readonly from: readonly object[] };
});

describe("a backend that somebody else runs", () => {
  const externals = {
    database: {
      primary: "postgres://owner:word@db.example.com:6432/pay?sslmode=require",
      replicas: ["postgres://o:w@replica.example.com/pay"],
    },
    redis: "rediss://:word@cache.example.com:6380",
  };
  const external = (secretName: string) => ({ backend: "external", secretName });
  const given = aGiven({ postgres: external("shop-database"), redis: external("shop-redis-url") }, { externals });

  test("is reached as its Secret says, by logins of our own", () => {
    const env = envOf("api");

    expect(env.DATABASE_URL).toBe("postgres://satang_api_login:$(DATABASE_PASSWORD)@db.example.com:6432/pay?sslmode=require");
    expect(env.DATABASE_REPLICA_URLS).toBe("postgres://satang_api_login:$(DATABASE_PASSWORD)@replica.example.com/pay");
    expect(env.REDIS_URL).toEqual({ secretKeyRef: { name: "shop-redis-url", key: "url" } });
    expect(envOf("migrate").DATABASE_URL).toEqual({ secretKeyRef: { name: "shop-database", key: "primary" } });
  });

  test("is not run by us too", () => {
    expect(named(objectsOf(given)).filter((name) => /StatefulSet|Service\//.test(name))).toEqual([
      "Service/shop-simulator",
      "StatefulSet/shop-simulator",
      "Service/shop-api",
    ]);
  });

  function envOf(role: string): Record<string, unknown> {
    const container = podSpecsOf(objectsOf(given))
      .flatMap(({ containers }) => containers)
      .find(({ name }) => name === role);
    return Object.fromEntries(container.env.map(({ name, value, valueFrom }: Record<string, string>) => [name, value ?? valueFrom]));
  }
});

describe("the images", () => {
  test.each(["workloads", "operator"])("start %s under the flags and the environment of the contract", (name) => {
    const dockerfile = readFileSync(new URL(`../../../${name}/Dockerfile`, import.meta.url), "utf8");

    expect(dockerfile).toContain(`ENTRYPOINT ${JSON.stringify(["node", ...nodeFlags, `${name}/main.ts`]).replaceAll(",", ", ")}`);
    expect(dockerfile).toContain(`RUN node ${nodeFlags.join(" ")} ${name}/main.ts ${compileOnly}`);
    for (const [variable, value] of Object.entries(nodeEnv))
      expect(dockerfile).toMatch(new RegExp(`^ENV .*\\b${variable}=${value}\\b`, "m"));
  });
});
