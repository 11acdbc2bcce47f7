import { expect, test } from "vitest";
import { type Machine, missing } from "./build/missing.ts";

const able: Machine = { platform: "linux", root: true, go: true, apt: true, packages: ["runc"], kubeconfig: false };

test.for<[string, Partial<Machine>, string | undefined]>([
  ["has all that is needed", {}, undefined],
  ["is not Linux", { platform: "darwin", root: false }, "Linux (this is darwin)"],
  ["gives no root", { root: false }, "root"],
  ["has no Go", { go: false }, "Go on the PATH or in /usr/local/go/bin"],
  ["has commands missing and no apt-get", { apt: false }, "these commands, which have no apt-get to come from: runc"],
  ["has all commands and no apt-get", { apt: false, packages: [] }, undefined],
  ["has nothing but a kubeconfig of a cluster", { platform: "darwin", root: false, go: false, kubeconfig: true }, undefined],
])("a machine that %s", ([, machine, lacks]) => {
  expect(missing({ ...able, ...machine })).toBe(lacks);
});
