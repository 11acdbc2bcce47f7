import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { type Answer, answer, askedBy } from "./answer.ts";
import type { Authorize } from "./authorize.ts";
import { status } from "./documents.ts";
import { type FrontProxy, userOf } from "./front-proxy.ts";
import type { QueueDepths } from "./queue-depths.ts";

export type ServingCertificate = { readonly key: string; readonly certificate: string };

export type MetricsApiDeps = {
  readonly depths: QueueDepths;
  readonly authorize: Authorize;
  readonly host?: string;
  /** 0: a free one. */
  readonly port: number;
};

export interface MetricsApi {
  readonly port: number;
  /** From now on new connections get this certificate, and callers are believed by this front proxy. */
  use(certificate: ServingCertificate, proxy: FrontProxy): void;
  close(): Promise<void>;
}

const maxConnections = 200;

/**
 * Serves `external.metrics.k8s.io` to the API server, which asks in its users' names. Who comes without its client certificate is
 * nobody: 401; who may not: 403. It answers from memory, and until `use` was called nobody can connect.
 */
export async function serveMetricsApi({ depths, authorize, host = "0.0.0.0", port }: MetricsApiDeps): Promise<MetricsApi> {
  let proxy: FrontProxy | undefined;

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "https://metrics");
    if (request.method !== "GET") return refused(405, "MethodNotAllowed", "only GET is served");
    if (pathname === "/healthz" || pathname === "/readyz" || pathname === "/livez") return { code: 200, body: { ok: true } }; // kubelets have no certificate
    const user = proxy && userOf(request, proxy);
    if (!user) return refused(401, "Unauthorized", "only the API server is served, by its front-proxy client certificate");
    const asked = askedBy(pathname);
    if (!(await authorize(user, asked))) return refused(403, "Forbidden", `${user.user} may not get ${pathname}`);
    return answer(asked, { accept: request.headers.accept ?? "", selector: searchParams.get("labelSelector") ?? "" }, depths);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { code, type, body } = await answerTo(request).catch(() =>
      refused(503, "ServiceUnavailable", "the caller's rights cannot be checked now"),
    );
    response.writeHead(code, { "content-type": type ?? "application/json" }).end(JSON.stringify(body));
  }

  // The callers' certificates are checked by us: a kubelet, which has none, must get through to the probes.
  const server = createServer({ requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.2" }, (request, response) => {
    void serve(request, response);
  });
  server.maxConnections = maxConnections;
  server.on("tlsClientError", () => {}); // a stranger's fault
  await listening(server, port, host);
  return {
    port: (server.address() as AddressInfo).port,
    use({ key, certificate }, next) {
      proxy = next;
      server.setSecureContext({ key, cert: certificate, ca: next.authority });
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 2_000).unref();
      await closed;
    },
  };
}

const refused = (code: number, reason: string, message: string): Answer => ({ code, body: status(code, reason, message) });

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
}
