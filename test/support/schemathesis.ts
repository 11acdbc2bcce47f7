import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { cached, keyOf } from "../cluster/build/cached.ts";

const version = "4.32.5";

/**
 * The folder of schemathesis, which tries an API by its OpenAPI document; installed once, outside the repository. Where there is no
 * Python 3.9 with pip, or nothing to install from, it says so, and what needs it is skipped.
 */
export async function schemathesis(): Promise<string | undefined> {
  const python = spawnSync("python3", ["-c", "import sys, pip; assert sys.version_info >= (3, 9); print(sys.version)"], {
    encoding: "utf8",
  });
  if (python.status !== 0) return skipped("python3, from 3.9 on, with pip (apt-get install python3-pip)");
  try {
    return await cached("schemathesis", keyOf(version, python.stdout), async (folder) => {
      process.stdout.write(`tests: installing schemathesis ${version} from PyPI, once; about a minute …\n`);
      const quietly = ["--quiet", "--disable-pip-version-check", "--no-input", "--root-user-action=ignore", "--retries=1", "--timeout=20"];
      execFileSync("python3", ["-m", "pip", "install", ...quietly, "--target", folder, `schemathesis==${version}`], { stdio: "pipe" });
    });
  } catch (error) {
    return skipped(`schemathesis ${version} of PyPI, and installing it fails: ${(error as Error).message.split("\n")[1] ?? error}`);
  }
}

function skipped(what: string): undefined {
  process.stdout.write(`tests: skipped what tries the API by its document: it needs ${what}\n`);
}

/** Runs `st run` with these arguments. `output` is all that it said. */
export function runSchemathesis(folder: string, args: readonly string[], timeoutMs: number): { passed: boolean; output: string } {
  const env = { ...process.env, PYTHONPATH: folder, NO_COLOR: "1" };
  const ran = spawnSync("python3", [join(folder, "bin", "st"), "run", ...args], {
    env,
    encoding: "utf8",
    timeout: timeoutMs,
    maxBuffer: 64 * 1024 * 1024,
  });
  return { passed: ran.status === 0, output: `${ran.stdout}${ran.stderr}${ran.error ?? ""}` };
}
