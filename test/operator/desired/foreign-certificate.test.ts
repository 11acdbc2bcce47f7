import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { beforeAll, describe, expect, test } from "vitest";
import { type Foreign, foreignIn, verdictOn } from "../../../operator/certificates/foreign.ts";
import { calledNames } from "../../../operator/desired/encryption.ts";
import type { Observed } from "../../../operator/observe.ts";
import { databaseReady } from "../../../operator/status/checks.ts";
import { newsOf } from "../../../operator/status/news.ts";
import { type ACertificate, anAuthority, aServer } from "./a-certificate.ts";
import { aSystem, seen } from "./given.ts";

const names = ["shop-postgres-primary", "shop-postgres-replicas"];
const server = (by: ACertificate | undefined, fields: object = {}) => aServer({ for: names, ...(by && { by }), ...fields });
const of = ({ pem, key }: ACertificate, ...authorities: ACertificate[]): Foreign => ({
  authorities: authorities.map((one) => one.pem),
  chain: [pem],
  key,
});
let root: ACertificate;
beforeAll(async () => {
  root = await anAuthority();
});

// Beside what we say of it stands what a real server and a real caller do with it.
describe("a certificate of the user's own is well when TLS takes it", () => {
  const cases: [string, () => Promise<Foreign>][] = [
    ["of an authority that is trusted", async () => of(await server(root), root)],
    ["of one of two authorities", async () => of(await server(root), await anAuthority(), root)],
    [
      "of an authority that was renewed with its key",
      async () => {
        const renewed = await anAuthority({ name: root.name, keys: root.keys });
        return of(await server(root), await anAuthority({ name: root.name, keys: root.keys, from: -9, to: -1 }), renewed);
      },
    ],
    [
      "with an authority between",
      async () => {
        const between = await anAuthority({ by: root });
        const { chain, ...rest } = of(await server(between), root);
        return { ...rest, chain: [...chain, between.pem] };
      },
    ],
    [
      "signed by itself",
      async () => {
        const own = await server(undefined);
        return of(own, own);
      },
    ],
    [
      "with an authority between that is trusted too",
      async () => {
        const between = await anAuthority({ by: root });
        return of(await server(between), between, root);
      },
    ],
  ];

  test.each(cases)("%s", async (_, make) => {
    const foreign = await make();

    expect(verdictOn(foreign, { names, now: new Date() })).toMatchObject({ endsSoon: false });
    for (const name of names) expect(await taken(foreign, name)).toBe("taken");
  });
});

describe("of a certificate of the user's own is told what TLS refuses it for", () => {
  const cases: [string, RegExp, () => Promise<Foreign>][] = [
    ["its key is another's", /tls\.key is not the key of tls\.crt/, async () => ({ ...of(await server(root), root), key: root.key })],
    ["its key is none", /tls\.key is not the key of tls\.crt/, async () => ({ ...of(await server(root), root), key: "a word" })],
    ["it is no certificate", /tls\.crt holds no certificate/, async () => ({ ...of(await server(root), root), chain: [] })],
    [
      "its authority is another",
      /tls\.crt, issued by CN=authority-\d+, leads to no authority in ca\.crt/,
      async () => of(await server(root), await anAuthority()),
    ],
    [
      "its authority has the right name only",
      /leads to no authority/,
      async () => of(await server(root), await anAuthority({ name: root.name })),
    ],
    ["the authority between is missing", /leads to no authority/, async () => of(await server(await anAuthority({ by: root })), root)],
    [
      "only the authority between is trusted",
      /leads to no authority/,
      async () => {
        const between = await anAuthority({ by: root });
        return of(await server(between), between);
      },
    ],
    ["it has ended", /tls\.crt ended on \d{4}-/, async () => of(await server(root, { from: -9, to: -1 }), root)],
    [
      "its authority has ended",
      /CN=authority-\d+ in ca\.crt ended on \d{4}-/,
      async () => {
        const old = await anAuthority({ from: -9, to: -1 });
        return of(await server(old), old);
      },
    ],
    ["it has not begun", /tls\.crt does not begin before \d{4}-/, async () => of(await server(root, { from: 1 }), root)],
    [
      "it is for other names",
      /tls\.crt is not for shop-postgres-replicas$/,
      async () => of(await server(root, { for: names.slice(0, 1) }), root),
    ],
  ];

  test.each(cases)("%s", async (_, fault, make) => {
    const foreign = await make();

    const verdict = verdictOn(foreign, { names, now: new Date() });

    expect(verdict).toMatchObject({ fault: expect.stringMatching(fault) });
    const became = await Promise.all(names.map((name) => taken(foreign, name)));
    expect(became).toContain("refusedBy" in verdict && verdict.refusedBy === "server" ? "no server" : "refused");
  });
});

test("names are asked for that processes call: no standbys' where there are none, and those of each shard", () => {
  expect(calledNames(aSystem({ postgres: { instances: 3 } }))).toEqual(names);
  expect(calledNames(aSystem({ postgres: { instances: 1, durability: "preferred" } }))).toEqual(["shop-postgres-primary"]);
  expect(calledNames(aSystem({ postgres: { shards: 2 } }))).toEqual(expect.arrayContaining(["shop-shard-1-primary"]));
});

test("a Secret is somebody else's when the key of its authority is not in it, or is another's", async () => {
  const { pem, key } = await server(root);
  const inSecret = (data: object) =>
    foreignIn(Object.fromEntries(Object.entries(data).map(([name, text]) => [name, Buffer.from(text).toString("base64")])));
  const own = { "ca.crt": root.pem, "tls.crt": pem, "tls.key": key };

  expect(inSecret(own)).toEqual(of({ ...root, pem, key }, root));
  expect(inSecret({ ...own, "ca.key": (await anAuthority()).key })).toBeDefined();
  expect(inSecret({ ...own, "ca.key": root.key })).toBeUndefined();
  expect(inSecret({ ...own, "tls.key": "" })).toBeUndefined();
});

describe("DatabaseReady", () => {
  const system = aSystem();
  const told = (foreign: Foreign, ready = 3) => {
    const set = {
      kind: "StatefulSet",
      metadata: { name: "shop-postgres", generation: 1 },
      status: { observedGeneration: 1, readyReplicas: ready },
    };
    const leader = { kind: "ConfigMap", metadata: { name: "shop-postgres-leader", annotations: { leader: "shop-postgres-0" } } };
    const sync = { leader: "shop-postgres-0", sync_standby: "shop-postgres-1" };
    const objects = seen([set, leader, { kind: "ConfigMap", metadata: { name: "shop-postgres-sync", annotations: sync } }]);
    return databaseReady({
      system,
      observed: { objects, certificates: { foreign }, externals: {}, refusals: new Map(), at: new Date() } as unknown as Observed,
    });
  };

  test("is False with the fault and the way out, though every member is ready", async () => {
    expect(told(of(await server(root, { from: -9, to: -1 }), root))).toMatchObject({
      state: "failing",
      reason: "CertificateInvalid",
      message: expect.stringMatching(/Secret shop-postgres-tls .*tls\.crt ended on .*nobody can connect.*put ca\.crt.*or delete it/),
    });
  });

  test("is True and says when it ends, once two thirds of its time are over, or of that of its authority", async () => {
    const old = await anAuthority({ from: -90, to: 10 });

    expect(told(of(await server(root, { from: -60, to: 40 }), root))).toMatchObject({ state: "well", reason: "Ready" });
    for (const foreign of [of(await server(root, { from: -70, to: 30 }), root), of(await server(old, { from: -90, to: 300 }), old)])
      expect(told(foreign)).toMatchObject({
        state: "well",
        reason: "CertificateEndsSoon",
        message: expect.stringMatching(/ends on \d{4}-.*takes writes/),
      });
  });

  test("tells of members that are missing before it tells of an end that is to come", async () => {
    expect(told(of(await server(root, { from: -70, to: 30 }), root), 2)).toMatchObject({ reason: "StandbyMissing" });
  });
});

test("people are warned once of a certificate that ends soon", () => {
  const status = (reason: string) => ({
    conditions: [{ type: "DatabaseReady", status: "True" as const, reason, message: reason, lastTransitionTime: "" }],
  });

  expect(newsOf(status("Ready"), status("CertificateEndsSoon"))).toMatchObject([{ type: "Warning", reason: "CertificateEndsSoon" }]);
  expect(newsOf(status("CertificateEndsSoon"), status("CertificateEndsSoon"))).toEqual([]);
});

/** What becomes of a connection to a server that has it, by a caller that checks authority and name. */
async function taken({ authorities, chain, key }: Foreign, servername: string): Promise<"taken" | "refused" | "no server"> {
  const options = { cert: chain.join("\n"), key };
  if (!options.cert) return "no server"; // Node starts one without a certificate; Postgres does not
  let listening: ReturnType<typeof createServer>;
  try {
    listening = createServer(options);
  } catch {
    return "no server";
  }
  listening.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  try {
    return await new Promise((resolve) => {
      const socket = connect({ host: "127.0.0.1", port, servername, ca: [...authorities] }, () => resolve("taken"));
      socket.on("error", () => resolve("refused"));
      socket.on("secureConnect", () => socket.destroy());
    });
  } finally {
    listening.close();
  }
}
