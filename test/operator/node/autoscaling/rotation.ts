import { expect, test } from "vitest";
import { renewed } from "../../../../operator/certificates/certificates.ts";
import { caBundleOf, certificatesOf, dataOf } from "../../../../operator/certificates/secret-data.ts";
import { apiServiceName } from "../../../../operator/metrics-api/registration.ts";
import { certificatesSecret } from "../../../../operator/metrics-api/run.ts";
import { eventually } from "../../../cluster/eventually.ts";
import { operatorNamespace } from "../installed.ts";
import type { GrowingShop } from "./growing-shop.ts";

const minutes = 1 / (24 * 60);
const names = [`satang-operator.${operatorNamespace}.svc`];

export function rotationTests({ cluster, shop }: GrowingShop): void {
  test("certificates and their authority are renewed under load, and no autoscaler misses a count for it", async () => {
    const { namespace } = shop();
    const secret = async () => (await cluster().get("secret", certificatesSecret, operatorNamespace)).data as Record<string, string>;
    const authority = async () => certificatesOf(await secret())!.authority.certificate;
    const failures = async () => {
      const events = await cluster().list("events", { namespace });
      const failed = events.filter(({ reason }) => reason === "FailedGetExternalMetric");
      return failed.reduce((sum, { count, series }) => sum + (count ?? series?.count ?? 1), 0);
    };
    const bundle = async () => Buffer.from((await cluster().get("apiservice", apiServiceName)).spec.caBundle, "base64").toString();
    const before = certificatesOf(await secret())!;
    const failedBefore = await failures();

    // One whose time is two thirds over in a minute and a half, beside the one that callers know.
    const short = await renewed(undefined, { names, now: Date.now(), days: { authority: 4.75 * minutes, serving: 4.75 * minutes } });
    const next = { ...short, trusted: [short.authority.certificate, before.authority.certificate] };
    const patch = JSON.stringify({ data: dataOf(next) });
    await cluster().kubectl("patch", "secret", certificatesSecret, "-n", operatorNamespace, "--type=merge", "--patch", patch);
    let asked = 0;
    let refused = 0;
    const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/satang_queue_depth?labelSelector=queue%3Dpayments`;
    await eventually(
      async () => {
        asked++;
        await cluster()
          .kubectl("get", "--raw", path)
          .catch(() => refused++);
        expect(await authority()).not.toBe(short.authority.certificate);
        expect(await bundle()).toBe(caBundleOf(certificatesOf(await secret())!.trusted));
      },
      { withinSeconds: 240, everyMs: 200 },
    );
    for (let more = 0; more < 40; more++) {
      asked++;
      await cluster()
        .kubectl("get", "--raw", path)
        .catch(() => refused++);
    }

    console.log(
      `two authorities later: ${asked} asked, ${refused} refused; the autoscaler failed ${(await failures()) - failedBefore} times`,
    );
    expect(refused).toBe(0);
    expect(await failures()).toBe(failedBefore);
  }, 600_000);
}
