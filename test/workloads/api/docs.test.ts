import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problems } from "../../../workloads/api/problem.ts";
import { nameOf, table } from "./route-table.ts";
import { type Served, serve } from "./served.ts";
import type { Shop } from "./shop.ts";

let served: Served;
let shop: Shop;
const publicUrl = "https://pay.example.com";
beforeAll(async () => {
  served = await serve({ env: { PUBLIC_URL: `${publicUrl}/` } });
  shop = await served.shop();
});
afterAll(() => served[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}): Promise<Response> => fetch(`${served.url}${path}`, { headers });
const pages = ["/docs", "/docs/api", "/docs/errors", "/docs/webhooks"];

describe("/openapi.json", () => {
  test("describes every route under /v1/, and each with a name of its own", async () => {
    const document = (await (await get("/openapi.json")).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId: string }>>;
    };

    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(document.openapi).toBe("3.1.0");
    expect(described.sort()).toEqual(
      table
        .map(nameOf)
        .filter((name) => name.includes(" /v1/"))
        .sort(),
    );
    const names = Object.values(document.paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(["createPayment", "getPayment", "listPayments", "rollApiKey", "createMerchant"]));
  });

  test("refers only to what is in it, and shows how to pay", async () => {
    const text = await (await get("/openapi.json")).text();
    const document = JSON.parse(text);

    for (const [, pointer] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = pointer!.split("/").reduce((part, name) => part?.[name], document);
      expect([pointer, found === undefined]).toEqual([pointer, false]);
    }
    const { example } = document.components.schemas.NewPayment;
    expect((await shop.pay(example, { key: "example" })).status).toBe(202);
    expect(document.servers).toEqual([{ url: publicUrl }]);
    expect(document.components.examples.pan_not_allowed.value.doc_url).toBe(`${publicUrl}/docs/errors#pan_not_allowed`);
  });
});

describe("the documentation", () => {
  test.for([...pages, "/docs/style.css", "/openapi.json"])("is served from here to whoever asks, and not sent twice: %s", async (path) => {
    const first = await get(path);
    expect(first.status).toBe(200);
    expect(first.headers.get("content-security-policy")).toContain("default-src 'none'");

    const again = await get(path, { "if-none-match": first.headers.get("etag")! });

    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test.for(pages)("has no dead link, no script, and nothing from elsewhere: %s", async (path) => {
    const text = await (await get(path)).text();
    const links = [...text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, link]) => link!);

    expect(text).not.toMatch(/<script|style=|javascript:|onclick/i);
    for (const link of new Set(links)) {
      const [target, anchor] = link.split("#");
      if (/^https:\/\/www\.(rfc-editor\.org|standardwebhooks\.com)/.test(target!)) continue; // named, not loaded
      const page = target === "" ? text : await (await get(target!)).text();
      if (anchor !== undefined) expect([link, page.includes(`id="${anchor}"`)]).toEqual([link, true]);
      else expect([link, (await get(target!)).status]).toEqual([link, 200]);
    }
  });

  test("explains every code where doc_url says", async () => {
    const refused = await shop.ask("/v1/payments/pay_nothing");
    const page = await (await get("/docs/errors")).text();

    expect(refused.body.doc_url).toBe(`${publicUrl}/docs/errors#payment_not_found`);
    expect(refused.body.type).toBe(refused.body.doc_url);
    for (const code of Object.keys(problems)) expect([code, page.includes(`<h3 id="${code}">`)]).toEqual([code, true]);
  });

  test("lists in the reference what each route takes and how it refuses", async () => {
    const text = await (await get("/docs")).text();

    for (const expected of [
      "createPayment",
      "with scope payments:write",
      "with the admin key",
      "method.token",
      'href="/docs/errors#pan_not_allowed"',
      "Idempotency-Key",
    ])
      expect(text).toContain(expected);
  });
});

describe("the quick start", () => {
  const guide = readFileSync(new URL("../../../docs/api.md", import.meta.url), "utf8");
  const blocks = (language: string): string[] =>
    [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map(([, block]) => block!);
  const run = promisify(execFile);
  const env = (more: object = {}) => ({ ...process.env, API: served.url, SECRET_KEY: shop.secretKey, ADMIN_KEY: served.adminKey, ...more });
  const curl = async (command: string, more: object = {}) => JSON.parse((await run("sh", ["-c", command], { env: env(more) })).stdout);

  test("works as it is written, with curl", async () => {
    const [pay, lookUp, makeMerchant, makeKey, ...rest] = blocks("sh");
    expect(rest).toEqual([]);

    const payment = await curl(pay!);
    expect(payment).toMatchObject({ object: "payment", status: "succeeded", amount: 35_000, reference: "order-17" });
    expect(await curl(lookUp!)).toMatchObject({ payment: payment.id });
    const { id: MERCHANT } = await curl(makeMerchant!);
    const key = await curl(makeKey!, { MERCHANT });
    expect(key).toMatchObject({ object: "api_key", merchant: MERCHANT, scopes: ["payments:write", "payments:read"] });
    expect(await curl(pay!, { SECRET_KEY: key.secret })).toMatchObject({ status: "succeeded" });
  });

  test("works as it is written, in TypeScript", async () => {
    const folder = await mkdtemp(join(tmpdir(), "satang-quick-start-"));
    try {
      writeFileSync(join(folder, "pay.mts"), blocks("ts")[0]!);

      const first = await run(process.execPath, [join(folder, "pay.mts")], { env: env() });
      const again = await run(process.execPath, [join(folder, "pay.mts")], { env: env() });

      expect(first.stdout).toMatch(/^pay_\w{29} succeeded\n$/);
      expect(again.stdout).toBe(first.stdout);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
