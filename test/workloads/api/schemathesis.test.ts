import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { OpenApi } from "../../../workloads/api/docs/open-api.ts";
import { runSchemathesis } from "../../support/schemathesis.ts";
import { type Served, serve } from "./served.ts";
import { coffee, type Shop } from "./shop.ts";

let served: Served;
let shop: Shop;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "satang-schemathesis-"));
  served = await serve();
  shop = await served.shop();
  await shop.pay(coffee, { key: "seen", headers: { prefer: "wait=10" } });
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const checks = [
  ...["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance"],
  ...["response_schema_conformance", "negative_data_rejection", "missing_required_header", "allow_header_conformance", "ignored_auth"],
];
const installed = inject("schemathesis");

type Operation = { security: Record<string, unknown>[] };

/** The document with only what is asked with one kind of key. */
async function documentFor(scheme: string): Promise<string> {
  // Not over a connection that was kept: while schemathesis runs nothing here would see it closed.
  const answer = await fetch(`${served.url}/openapi.json`, { headers: { connection: "close" } });
  const document = (await answer.json()) as OpenApi;
  const theirs = (operation: Operation): boolean =>
    operation.security.length === 0 ? scheme === "merchantKey" : scheme in operation.security[0]!;
  const paths = Object.entries(document.paths as unknown as Record<string, Record<string, Operation>>)
    .map(([path, methods]) => [path, Object.fromEntries(Object.entries(methods).filter(([, operation]) => theirs(operation)))] as const)
    .filter(([, methods]) => Object.keys(methods).length > 0);
  const file = join(folder, `${scheme}.json`);
  await writeFile(file, JSON.stringify({ ...document, paths: Object.fromEntries(paths) }));
  return file;
}

test.skipIf(installed === null).for<[who: string, scheme: string]>([
  ["a merchant's key", "merchantKey"],
  ["the admin key", "adminKey"],
])(
  "whatever is asked with %s, the answer is one that the document describes, and never a fault of ours",
  { timeout: 150_000 },
  async ([, scheme]) => {
    const key = scheme === "adminKey" ? served.adminKey : shop.secretKey;

    const { passed, output } = runSchemathesis(
      installed!,
      [
        await documentFor(scheme),
        ...["--url", served.url, "--header", `Authorization: Bearer ${key}`, "--checks", checks.join(",")],
        ...["--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--seed", "1", "--no-shrink", "--request-timeout", "20"],
      ],
      120_000,
    );

    expect(passed, output.slice(0, 20_000)).toBe(true);
  },
);
