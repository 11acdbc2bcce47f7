import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { resultsFolder } from "./build/folders.ts";
import type { Kubectl } from "./kubectl.ts";

const kept = 10; // clusters of failed tests that stay to be looked at

/** Copies the logs of a cluster that is about to end, its events and its objects to a folder named after the test file; `settle` then removes it if all passed. */
export async function keepWhatHappened({ id, folder, kube }: { id: string; folder: string; kube: Kubectl }): Promise<void> {
  const { VITEST } = process.env;
  if (!VITEST) return; // a person looks while it runs
  const { expect } = await import("vitest");
  const { testPath = "unknown", currentTestName } = expect.getState();
  const target = join(resultsFolder, `${basename(testPath)}-${id}`);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "test.txt"), `${testPath}\n${currentTestName ?? "(shared by the tests of this file)"}\n`);
  cpSync(join(folder, "log"), join(target, "log"), {
    recursive: true,
    filter: (path) => statSync(path, { throwIfNoEntry: false })?.isFIFO() === false,
  });
  const answers = {
    "events.txt": kube.kubectl("events", "--all-namespaces", "--request-timeout=5s"),
    "objects.txt": kube.kubectl("get", "all,pvc,endpointslices", "--all-namespaces", "--output=wide", "--request-timeout=5s"),
    "pods.yaml": kube.kubectl("get", "pods", "--all-namespaces", "--output=yaml", "--request-timeout=5s"),
  };
  for (const [file, answer] of Object.entries(answers)) writeFileSync(join(target, file), await answer.catch(String));
}

/** After a run: folders of test files that passed go, the others stay. Returns those that were made since `begun`. */
export function settle(passed: (testFile: string) => boolean, begun: number): string[] {
  if (!existsSync(resultsFolder)) return [];
  const madeAt = (folder: string) => statSync(join(resultsFolder, folder)).mtimeMs;
  const folders = readdirSync(resultsFolder).sort((a, b) => madeAt(b) - madeAt(a));
  const gone = folders.filter((folder, index) => index >= kept || passed(folder.slice(0, folder.lastIndexOf("-"))));
  for (const folder of gone) rmSync(join(resultsFolder, folder), { recursive: true, force: true });
  return folders.filter((folder) => !gone.includes(folder) && madeAt(folder) >= begun).map((folder) => join(resultsFolder, folder));
}
