import { afterAll, beforeAll, expect, test } from "vitest";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { type OperatorProcess, startOperator } from "./operator-process.ts";
import { namespace, trial } from "./trial.ts";

onOwnNode("a Redis that somebody else runs", () => {
  const { server, kube, make, ready, system } = trial();
  let operator: OperatorProcess;
  beforeAll(async () => {
    operator = await startOperator(server());
    await make("shop", { redis: { backend: "external", secretName: "theirs" } });
  });
  afterAll(() => operator?.[Symbol.asyncDispose]());
  const secret = (stringData: Record<string, string>) =>
    kube().apply({ apiVersion: "v1", kind: "Secret", metadata: { name: "theirs", namespace }, stringData }, { fieldManager: "test" });
  const says = (text: string) => eventually(async () => expect(JSON.stringify((await system("shop")).status)).toContain(text));

  test("is named by a Secret, whose absence, missing key and unfit URL are told, and mended without a restart", async () => {
    await says("Secret theirs is not there: create it with the key url");
    await secret({ other: "x" });
    await says("Secret theirs has no key url: add it");
    await secret({ url: "http://cache.example.com" });
    await says("Secret theirs has a key url that is no URL such as redis://user:password@host:6379, or redis+sentinel://");
    await secret({ url: "redis+sentinel://pay:word@a.example.com:26379,b.example.com:26379/main" });
    await ready("shop");
  });
});
