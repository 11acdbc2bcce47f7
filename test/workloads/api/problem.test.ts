import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { problemBody, problems, refusalOf } from "../../../workloads/api/problem.ts";
import { StoreUnavailable } from "../../../workloads/store/store.ts";

test("every way of saying no is explained, with its status, in docs/errors.md", () => {
  const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
  const explained = [...page.matchAll(/^### (\w+)\n\n\*\*(\d{3})\*\* /gm)].map(([, code, status]) => [code, Number(status)]);

  expect(Object.fromEntries(explained)).toEqual(Object.fromEntries(Object.entries(problems).map(([code, { status }]) => [code, status])));
});

test("an error that nobody foresaw says nothing about itself", () => {
  const refusal = refusalOf(new Error("relation satang.payments does not exist at postgres://satang:hunter2@db"));
  const body = problemBody(refusal, "req_1", "");

  expect(body).toMatchObject({ status: 500, code: "internal_error" });
  expect(JSON.stringify(body)).not.toMatch(/satang\.payments|hunter2/);
});

test("a store that is away is a reason to come back, not a fault", () => {
  const refusal = refusalOf(new StoreUnavailable("accept: connection refused"));

  expect(problemBody(refusal, "req_1", "")).toMatchObject({ status: 503, code: "store_unavailable" });
  expect(refusal.headers).toEqual({ "retry-after": "1" });
});
