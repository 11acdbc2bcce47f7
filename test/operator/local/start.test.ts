import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { Client } from "pg";
import { describe, expect, test } from "vitest";
import { testFolder } from "../../support/test-folder.ts";
import { Local, pathWithout, processesOf } from "./local.ts";

const minutes = 60_000;

/** Pastes into bash what the card says to paste, and returns what it printed. */
async function paste(card: string, after: string): Promise<string> {
  const command = card.slice(card.indexOf(after) + after.length).split(/\n {2}\S/)[0]!;
  const { stdout } = await promisify(execFile)("bash", ["-c", command]);
  return stdout;
}

async function shown(url: string, names: readonly string[]): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ value: string }>(
    "select current_setting(name) as value from unnest($1::text[]) with ordinality as n(name, at) order by at",
    [names],
  );
  await client.end();
  return rows.map(({ value }) => value);
}

describe("npm start", () => {
  test("ends in a card whose curl pays; Ctrl-C leaves no process, and the next start finds the payment", {
    timeout: 3 * minutes,
  }, async () => {
    using folder = testFolder();
    const state = join(folder.path, "state");
    let payment: { id: string; status: string };
    {
      await using local = new Local(state);
      await local.ready();

      payment = JSON.parse(await paste(local.stdout, "Pay:\n"));
      expect(payment).toMatchObject({ status: "succeeded", amount: 35_000, currency: "THB" });
      const again = JSON.parse(await paste(local.stdout, "Pay:\n"));
      expect(again.id, "each paste is a payment of its own").not.toBe(payment.id);

      const mode = (path: string) => (statSync(join(state, path)).mode & 0o777).toString(8);
      expect([mode("credentials.json"), mode("run.json"), mode("redis/redis.conf")]).toEqual(["600", "600", "600"]);

      local.signal("SIGINT");
      expect((await local.ended).code).toBe(0);
      expect(processesOf(state)).toEqual([]);
    }
    await using local = new Local(state, { args: ["--json"] });
    const { api, secretKey } = await local.ready();
    const found = await fetch(`${api}/v1/payments/${payment.id}`, { headers: { authorization: `Bearer ${secretKey}` } });
    expect(await found.json()).toMatchObject({ id: payment.id, status: "succeeded" });
  });

  test("with --json prints one line for scripts, and a second start prints that of the one that runs", {
    timeout: 3 * minutes,
  }, async () => {
    using folder = testFolder();
    const state = join(folder.path, "state");
    await using local = new Local(state, { args: ["--json"] });
    const ready = await local.ready();

    expect(local.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(local.stdout)).toMatchObject({
      ready: true,
      api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      secretKey: expect.stringMatching(/^sk_test_/),
      adminKey: expect.stringMatching(/^ak_test_/),
      docs: `${ready.api}/docs`,
      postgres: expect.stringMatching(/^postgres:/),
      redis: expect.stringMatching(/^redis:/),
    });
    expect(ready.processes.map(({ name }) => name).sort()).toEqual([
      "api",
      "api-2",
      "dispatcher",
      "postgres",
      "redis",
      "simulator",
      "worker-payments",
      "worker-webhooks",
    ]);
    expect((await fetch(ready.docs)).status).toBe(200);
    const merchants = await fetch(`${ready.api}/v1/merchants`, { headers: { authorization: `Bearer ${ready.adminKey}` } });
    expect(await merchants.json()).toMatchObject({ data: [{ name: expect.any(String), disabled: false }] });
    for (const { metrics } of ready.processes)
      if (metrics) expect(await (await fetch(metrics)).text()).toContain("process_cpu_seconds_total");

    const [json, text] = await Promise.all([new Local(state, { args: ["--json"] }).ended, new Local(state).ended]);
    expect(json).toMatchObject({ code: 0, stdout: local.stdout, stderr: "" });
    expect(text).toMatchObject({ code: 0, stdout: expect.stringContaining("is already running") });
    for (const said of [ready.secretKey, ready.adminKey, ready.docs]) expect(text.stdout).toContain(said);
  });

  test("without Redis runs on Postgres alone, pays, and says how to get Redis", { timeout: 3 * minutes }, async () => {
    using folder = testFolder();
    const path = pathWithout(folder.path, "redis-server", "valkey-server");
    await using local = new Local(join(folder.path, "state"), { env: { PATH: path } });
    const ready = await local.ready();

    expect(ready.redis).toBeNull();
    expect(local.stdout).toMatch(/Redis +none: .*install redis/);
    expect(JSON.parse(await paste(local.stdout, "Pay:\n"))).toMatchObject({ status: "succeeded" });
  });

  test("runs a PaymentSystem from a file: its pools, with as many workers as their min, and its stores with their settings", {
    timeout: 3 * minutes,
  }, async () => {
    using folder = testFolder();
    const file = join(folder.path, "shop.yaml");
    writeFileSync(
      file,
      `apiVersion: satang.dev/v1alpha1
kind: PaymentSystem
metadata: {name: shop}
spec:
  workers: [{name: quick, queues: [payments], replicas: {min: 2}}, {name: slow, queues: [refunds, webhooks]}]
  postgres: {storage: {size: 50Gi}, parameters: {work_mem: 16MB}}
  redis: {parameters: {hz: "20"}}`,
    );
    await using local = new Local(join(folder.path, "state"), { args: ["--file", file] });
    const { postgres, redis } = await local.ready();

    expect(Object.keys(local.pids())).toEqual(expect.arrayContaining(["worker-quick", "worker-quick-2", "worker-slow"]));
    expect(local.stdout).toContain("shop is ready");
    expect(await shown(postgres, ["work_mem", "max_wal_size"])).toEqual(["16MB", "5GB"]);
    const client = new Redis(redis!);
    expect(await client.config("GET", "hz")).toEqual(["hz", "20"]);
    client.disconnect();
  });

  test("names whoever has a port, and takes the next one", { timeout: 3 * minutes }, async () => {
    using folder = testFolder();
    const squatter = createServer().listen(4000, "127.0.0.1");
    await new Promise((resolve) => squatter.once("listening", resolve).once("error", resolve)); // somebody has it already: just as well
    await using local = new Local(join(folder.path, "state"), { usualPorts: true });
    const ready = await local.ready();
    squatter.close();

    expect(local.stdout).toMatch(/Port 4000 is taken by ".+" \(pid \d+\): the API gets \d+/);
    expect(ready.api).not.toMatch(/:4000$/);
  });

  test("with --ephemeral leaves nothing behind", { timeout: 3 * minutes }, async () => {
    using folder = testFolder();
    const temporary = join(folder.path, "tmp");
    mkdirSync(temporary, { mode: 0o711 });
    const local = new Local(undefined, { args: ["--ephemeral", "--json"], env: { TMPDIR: temporary } });
    await local.ready();
    expect(readdirSync(temporary)).toHaveLength(1);

    local.signal("SIGINT");

    expect((await local.ended).code).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
    expect(processesOf(temporary)).toEqual([]);
  });
});
