import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Checks } from "../../../workloads/telemetry/checks.ts";
import { type ManagementDeps, startManagement } from "../../../workloads/telemetry/management.ts";
import { processMetrics } from "../../../workloads/telemetry/metrics.ts";

let management: Awaited<ReturnType<typeof startManagement>>;
const metrics = processMetrics();
let deps: ManagementDeps;
beforeEach(async () => {
  const [live, ready, startup] = [new Checks(), new Checks(), new Checks()];
  deps = {
    host: "127.0.0.1",
    port: 0,
    registry: metrics.registry,
    live,
    ready,
    startup,
    routes: new Map([["/queues", () => ({ at: null })]]),
  };
  management = await startManagement(deps);
});
afterEach(() => management.close());

async function get(path: string): Promise<[status: number, text: string]> {
  const answer = await fetch(`${management.url}${path}`);
  return [answer.status, await answer.text()];
}

describe("the management port", () => {
  test("says ok in a word, and lists each check when asked", async () => {
    deps.ready.add("postgres", () => undefined);

    expect(await get("/readyz")).toEqual([200, "ok\n"]);
    expect(await get("/readyz?verbose")).toEqual([200, "[+] postgres ok\nok\n"]);
  });

  test("says which check failed and why, without the passwords in it", async () => {
    deps.ready.add("postgres", () => Promise.reject(new Error("no line to postgres://shop:hunter2@db")));
    deps.ready.add("queue", () => "behind by 9 s");

    const [status, text] = await get("/readyz");

    expect(status).toBe(503);
    expect(text).toBe("[-] postgres failed: no line to postgres://shop:…@db\n[-] queue failed: behind by 9 s\nfailed\n");
    expect((await get("/livez"))[0]).toBe(200);
  });

  test("calls a check that hangs failed after two seconds, and does not start it again meanwhile", async () => {
    let started = 0;
    deps.ready.add("redis", () => {
      started += 1;
      return new Promise(() => {});
    });

    const answers = await Promise.all([get("/readyz"), get("/readyz")]);

    expect(answers).toEqual(Array(2).fill([503, "[-] redis failed: no answer in 2 s\nfailed\n"]));
    expect(started).toBe(1);
  });

  test("serves metrics and the routes that a process adds, and nothing else", async () => {
    metrics.observeHttp("POST", "/v1/payments", 202, 0.004);

    expect((await get("/metrics"))[1]).toContain(
      'http_server_request_duration_seconds_bucket{le="0.005",method="POST",route="/v1/payments",status_class="2xx"} 1',
    );
    expect((await get("/metrics"))[1]).not.toMatch(/^satang_ledger_imbalance_minor_units /m);
    expect(await get("/queues")).toEqual([200, '{"at":null}']);
    expect(await get("/nothing")).toEqual([404, "there are: /livez /readyz /startupz /metrics /queues\n"]);
  });

  test("says whose port it cannot have, and what to do", async () => {
    const port = Number(new URL(management.url).port);

    await expect(startManagement({ ...deps, port })).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken by another process: set MANAGEMENT_PORT`,
    );
  });
});
