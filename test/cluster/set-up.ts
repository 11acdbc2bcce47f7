import { basename } from "node:path";
import type { TestProject } from "vitest/node";
import { missing, thisMachine } from "./build/missing.ts";
import { prepare } from "./build/prepare.ts";
import { say } from "./build/progress.ts";
import { settle } from "./keep.ts";

/** Before the cluster tests: builds what is missing, or says in one line why they are skipped. After them: says where to look. */
export default async function setUp(project: TestProject): Promise<(() => void) | undefined> {
  const lacks = missing(thisMachine());
  if (lacks) {
    const line = `the cluster tests need ${lacks}, or a cluster named by SATANG_TEST_KUBECONFIG`;
    if (inCi()) throw new Error(`${line}; with CI set they are not skipped`);
    say(`skipped: ${line}`);
    return undefined;
  }
  if (process.env.SATANG_TEST_KUBECONFIG)
    say("skipped: tests that cut, stop and kill, because SATANG_TEST_KUBECONFIG names a cluster that is not ours");
  else await prepare();
  const begun = Date.now();
  return () => {
    const modules = project.vitest.state.getTestModules();
    const passed = new Set(modules.filter((module) => module.ok()).map((module) => basename(module.moduleId)));
    for (const folder of settle((file) => passed.has(file), begun)) say(`logs and events of a failed test: ${folder}`);
  };
}

const inCi = (): boolean => !["", "0", "false"].includes(process.env.CI ?? "");
