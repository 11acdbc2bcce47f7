import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { command } from "../command.ts";
import { cached, keyOf } from "./cached.ts";
import { archived, bud, type Image } from "./image.ts";
import { goCommand } from "./missing.ts";
import { saying } from "./progress.ts";

const folder = join(import.meta.dirname, "../modules/keda");
const image = "satang.test/keda:test";

/** Where KEDA's own files are, as its Go module carries them; go.sum vouches for them. */
export async function kedaModule(): Promise<string> {
  const env = { ...process.env, GOFLAGS: "-mod=mod", GOWORK: "off" };
  const told = await command(goCommand() ?? "go", ["mod", "download", "-json", "github.com/kedacore/keda/v2"], { cwd: folder, env });
  return (JSON.parse(told) as { Dir: string }).Dir;
}

/** Its operator and its server of metrics, built as its own go.mod and go.sum say: they are in the module, so ours vouches for them too. */
export async function kedaImage(): Promise<Image> {
  const module = await kedaModule();
  const key = keyOf(basename(module), dockerfile);
  const binaries = await cached("bin-keda", key, (target) =>
    saying(`building KEDA (once; about 15 minutes on 2 cores, this machine has ${availableParallelism()})`, async (report) => {
      const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off" };
      let compiled = 0;
      const onLine = () => report(`${++compiled} packages compiled`);
      const args = ["build", "-v", "-trimpath", "-ldflags=-s -w", "-o", `${target}/`, "./cmd/operator", "./cmd/adapter"];
      await command(goCommand() ?? "go", args, { cwd: module, env, onLine });
    }),
  );
  return archived(image, key, async () => {
    const context = mkdtempSync(join(tmpdir(), "satang-image-"));
    try {
      for (const binary of ["operator", "adapter"]) cpSync(join(binaries, binary), join(context, binary));
      writeFileSync(join(context, "Dockerfile"), dockerfile);
      await bud(image, context);
    } finally {
      rmSync(context, { recursive: true, force: true });
    }
  });
}

const dockerfile = "FROM scratch\nCOPY operator /keda\nCOPY adapter /keda-adapter\nUSER 1000:1000\n";

/** What its own smallest installation applies, as YAML, with our image in place of the published ones. `kubectl` reads its kustomization. */
export async function kedaManifest(kubectl: (...args: string[]) => Promise<string>): Promise<string> {
  const text = await kubectl("kustomize", join(await kedaModule(), "config/minimal"));
  return text
    .replaceAll(/image: ghcr\.io\/kedacore\/\S+/g, `image: ${image}`)
    .replaceAll("imagePullPolicy: Always", "imagePullPolicy: Never");
}
