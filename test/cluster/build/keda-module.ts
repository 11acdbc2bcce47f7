import { join } from "node:path";
import { command } from "../command.ts";
import { goCommand } from "./missing.ts";

const folder = join(import.meta.dirname, "../modules/keda");

/** Where KEDA's own files are, as its Go module carries them; go.sum vouches for them. */
export async function kedaModule(): Promise<string> {
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off" };
  const told = await command(goCommand() ?? "go", ["mod", "download", "-json", "github.com/kedacore/keda/v2"], { cwd: folder, env });
  return (JSON.parse(told) as { Dir: string }).Dir;
}
