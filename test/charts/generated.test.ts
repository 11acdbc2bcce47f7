import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { generated } from "../../charts/generated.ts";
import { values } from "../../charts/values.ts";
import { pinned } from "../cluster/build/go-tools.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

test.each(generated())("%s of the chart is what its sources make of it today (if not: npm run generate)", (path, made) => {
  expect(read(`charts/satang-operator/${path}`)).toBe(made);
});

test("values.yaml holds each default of the schema, and nothing that the schema refuses", () => {
  const written = parse(read("charts/satang-operator/values.yaml"));

  expect(values.parse(written)).toEqual(values.parse({}));
  expect(written).toEqual(values.parse({}));
});

test("the chart is of the version of the package", () => {
  const { version } = JSON.parse(read("package.json"));

  expect(parse(read("charts/satang-operator/Chart.yaml"))).toMatchObject({ version, appVersion: version });
});

test("docs/install.md names the versions of Helm that the tests use", () => {
  const used = [pinned("helm", "helm.sh/helm/v4"), pinned("helm3", "helm.sh/helm/v3")].map((version) => version.slice(1));

  expect(read("docs/install.md")).toContain(`Tests use ${used.join(" and ")}:`);
});
