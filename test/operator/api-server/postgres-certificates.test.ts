import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PaymentSystemStatus } from "../../../crds/status.ts";
import { type Certificates, usualDays } from "../../../operator/certificates/certificates.ts";
import { type Made, make as makeCertificates } from "../../../operator/certificates/make.ts";
import { certificatesOf, dataOf } from "../../../operator/certificates/secret-data.ts";
import { databaseCertificates } from "../../../operator/postgres/database-certificates.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { aSystem } from "../desired/given.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { namespace, trial } from "./trial.ts";

const name = { namespace, name: "shop-postgres-tls" };
const names = ["shop-postgres-primary", "shop-postgres-replicas"];
const hours = 3_600_000;
const minute = 1 / 1440;
/** Of seven minutes, five of which are over. */
const almostOver = 2 * minute;

onOwnNode("the certificates of managed Postgres", () => {
  const { server, kube, make, ready, system } = trial();
  let operator: OperatorProcess;
  beforeAll(async () => {
    operator = await startOperator(server());
    await make("shop");
    await ready("shop");
  });
  afterAll(() => operator?.[Symbol.asyncDispose]());

  const read = async () => (await kube().get("Secret", name))!;
  const certificates = async () => certificatesOf((await read()).data!)!;
  const put = (data: object) => kube().patch("Secret", name, { data }, { fieldManager: "test" });
  const issuer = ({ serving, trusted }: Certificates) => trusted.findIndex((one) => isOf(serving.certificate, one));
  const isOf = (certificate: string, authority: string) =>
    new X509Certificate(certificate).verify(new X509Certificate(authority).publicKey);
  /** As somebody else puts them there, who keeps the authority's key to himself. */
  const withoutKey = (made: Made) => {
    const { "ca.key": _, ...data } = dataOf({ ...made, trusted: [made.authority.certificate] });
    return data;
  };
  const stored = async () => {
    const { conditions } = (await system("shop")).status as PaymentSystemStatus;
    return conditions?.find(({ type }) => type === "DatabaseReady");
  };
  const warnings = async () => (await kube().list("Event", { namespace, fieldSelector: "type=Warning" })).map(({ reason }) => reason);

  test("are made once, outlive the system, and name every Service that leads to a member", async () => {
    const { metadata, type } = await read();
    const { serving, trusted } = await certificates();

    expect(metadata.ownerReferences).toBeUndefined();
    expect(type).toBe("kubernetes.io/tls");
    expect(trusted.length).toBe(1);
    expect(isOf(serving.certificate, trusted[0]!)).toBe(true);
    for (const host of ["shop-postgres-primary", "shop-postgres-replicas.trade.svc"])
      expect(new X509Certificate(serving.certificate).checkHost(host), host).toBe(host);
    await make("shop", { api: { targetCPUPercent: 71 } });
    await ready("shop");
    expect((await read()).metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  test("name the Services of shards that are added, under the same authority", async () => {
    const before = await certificates();
    const { postgres, ...spec } = aSystem().spec;
    const grown = { ...aSystem(), spec: { ...spec, postgres: { ...postgres, shards: 2 } } };

    const after = (await databaseCertificates(grown, async () => dataOf(before), new Date())).ours!;

    expect(new X509Certificate(after.serving.certificate).checkHost("shop-shard-1-primary")).toBeDefined();
    expect(after.authority).toEqual(before.authority);
  });

  test("are renewed near their end, by the same authority", async () => {
    const before = await certificates();
    const old = await makeCertificates({ names, days: { ...usualDays, serving: almostOver }, authority: before.authority });

    await put(dataOf({ ...before, serving: old.serving }));

    await eventually(async () => expect((await certificates()).serving).not.toEqual(old.serving));
    const after = await certificates();
    expect(after.trusted).toEqual(before.trusted);
    expect(Date.parse(new X509Certificate(after.serving.certificate).validTo) - Date.now()).toBeGreaterThan(300 * 24 * hours);
  });

  test("come of a new authority only a day after everybody was told to trust it", async () => {
    const old = await makeCertificates({ names, days: { ...usualDays, authority: almostOver } });

    await put(dataOf({ ...old, trusted: [old.authority.certificate] }));

    await eventually(async () => expect((await certificates()).trusted.length).toBe(2));
    const { data } = await read();
    const now = await certificates();
    const after = async (ms: number) => (await databaseCertificates(aSystem(), async () => data, new Date(Date.now() + ms))).ours;
    expect(now.trusted[1]).toBe(old.authority.certificate);
    expect(now.serving).toEqual(old.serving);
    expect((await after(23 * hours))?.serving).toEqual(old.serving);
    expect(issuer((await after(25 * hours))!)).toBe(0);
    expect((await after(25 * hours))!.authority).toEqual(now.authority);
  });

  test("are left alone where somebody has put his own there, with or without our authority's key beside them", async () => {
    const theirs = await makeCertificates({ names, days: { ...usualDays, serving: almostOver } });
    const own = withoutKey(theirs);
    for (const data of [own, { ...own, "ca.key": null }]) {
      await put(data);
      const { metadata } = await read();
      await make("shop", { api: { targetCPUPercent: data === own ? 72 : 73 } });
      await ready("shop");

      expect((await read()).metadata.resourceVersion).toBe(metadata.resourceVersion);
      expect((await read()).data).toMatchObject(own);
      await eventually(async () => expect(await stored()).toMatchObject({ status: "True", reason: "CertificateEndsSoon" }));
    }
  });

  test("of somebody's own that have ended, or are not for a shard that is added, are named by DatabaseReady and an event, until others are there", async () => {
    const ended = await makeCertificates({ names, days: { ...usualDays, serving: -minute } });
    await put(withoutKey(ended));
    await eventually(async () =>
      expect(await stored()).toMatchObject({
        status: "False",
        reason: "CertificateInvalid",
        message: expect.stringMatching(/tls\.crt ended on/),
      }),
    );
    await eventually(async () => expect(await warnings()).toContain("CertificateInvalid"));
    const fit = await makeCertificates({ names, days: usualDays });
    await put(withoutKey(fit));
    await ready("shop");
    expect(await stored()).toMatchObject({ status: "True", reason: "Ready" });

    await make("shop", { postgres: { shards: 2 } });
    await eventually(async () =>
      expect(await stored()).toMatchObject({ reason: "CertificateInvalid", message: expect.stringContaining("shop-shard-1-primary") }),
    );
    await put(withoutKey(await makeCertificates({ names: [...names, "shop-shard-1-primary", "shop-shard-1-replicas"], days: usualDays })));
    await ready("shop");
  });

  test("are made anew where they are of no use, or gone", async () => {
    await put({ "ca.crt": null });
    await eventually(async () => expect((await certificates())?.trusted.length).toBe(1));
    const before = await certificates();
    await kube().delete("Secret", name);
    await eventually(async () => expect(issuer(await certificates())).toBe(0));

    expect((await certificates()).authority).not.toEqual(before.authority);
  });
});
