import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { identityOf, isRunning } from "../../operator/local/process-identity.ts";

const prefix = "satang-test-";
const ownerFile = "owner.json";

/** A folder that goes with whoever made it: disposed of, or taken away by the next run when the test run was killed. */
export function testFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(path, 0o711); // a server of another user must get through
  writeFileSync(join(path, ownerFile), JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) }));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Takes away what killed test runs left. Their processes ended with them. */
export function sweepTestFolders(): void {
  for (const name of readdirSync(tmpdir()).filter((name) => name.startsWith(prefix))) {
    const path = join(tmpdir(), name);
    const owner = ownerOf(path);
    if (owner && !isRunning(owner)) rmSync(path, { recursive: true, force: true });
  }
}

function ownerOf(path: string): { pid: number; identity: string } | undefined {
  try {
    return JSON.parse(readFileSync(join(path, ownerFile), "utf8"));
  } catch {
    return undefined; // being made just now, or not ours to read
  }
}
