import { readFileSync } from "node:fs";
import { join } from "node:path";
import { caBundleOf } from "../../../operator/certificates/secret-data.ts";
import type { Kube } from "../../../operator/kube/kube.ts";
import { authorizing } from "../../../operator/metrics-api/authorize.ts";
import { frontProxyOf } from "../../../operator/metrics-api/front-proxy.ts";
import { keepCertificates } from "../../../operator/metrics-api/keep-certificates.ts";
import { QueueDepths } from "../../../operator/metrics-api/queue-depths.ts";
import { serveMetricsApi } from "../../../operator/metrics-api/server.ts";
import type { ApiServer } from "../../cluster/api-server.ts";
import { p99AtThousandQueues } from "../../operator/metrics-api/thousand-queues.ts";

const servername = "satang-operator.satang-system.svc";

/** The external metrics API in this process, asked as an API server asks it, over TLS with the front proxy's certificate. */
export async function metricsApiP99(kube: Kube, { certificates: folder }: ApiServer): Promise<number> {
  const now = Date.now();
  const certificates = await keepCertificates(kube, { namespace: "default", secret: "bench-metrics-api", names: [servername], now });
  const depths = new QueueDepths(() => now);
  const api = await serveMetricsApi({ depths, authorize: authorizing(kube), host: "127.0.0.1", port: 0 });
  try {
    const config = await kube.get("ConfigMap", { namespace: "kube-system", name: "extension-apiserver-authentication" });
    const { key, certificate } = certificates.serving;
    api.use({ key, certificate }, frontProxyOf(config!.data)!);
    const file = (name: string) => readFileSync(join(folder, name), "utf8");
    const tls = { cert: file("front-proxy.crt"), key: file("front-proxy.key"), ca: caBundleOf(certificates.trusted), servername };
    return await p99AtThousandQueues({ depths, now, port: api.port, tls });
  } finally {
    await api.close();
  }
}
