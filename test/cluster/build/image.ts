import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "../command.ts";
import { cached, keyOf } from "./cached.ts";
import { cacheFolder } from "./folders.ts";
import { lock } from "./lock.ts";
import { saying } from "./progress.ts";

/** An image as a pod names it, and the archive that holds it. */
export interface Image {
  name: string;
  archive: string;
  /** Names its content. */
  key: string;
}

/**
 * Builds an image from a Dockerfile of this repository, once for each content of the Dockerfile and of what its COPY lines name.
 * Only these files are handed to the build, so nothing else can be in the image. `bases` are the images that its FROM lines name.
 */
export async function buildImage(
  name: string,
  folder: string,
  dockerfile = join(folder, "Dockerfile"),
  bases: Image[] = [],
): Promise<Image> {
  const text = readFileSync(dockerfile, "utf8");
  const files = copied(text, folder);
  const contents = files.flatMap((file) => [file, String(statSync(join(folder, file)).mode & 0o111), readFileSync(join(folder, file))]);
  const key = keyOf(text, ...contents, ...bases.map((base) => base.key));
  return archived(name, key, async () => {
    const context = mkdtempSync(join(tmpdir(), "satang-image-"));
    try {
      for (const file of files) cpSync(join(folder, file), join(context, file));
      writeFileSync(join(context, "Dockerfile"), text);
      for (const base of bases) await restored(base);
      await bud(name, context, ["--layers"]);
    } finally {
      rmSync(context, { recursive: true, force: true });
    }
  });
}

/** Keeps what `make` puts under `name` in the image store as an archive that containerd imports. */
export async function archived(name: string, key: string, make: () => Promise<void>): Promise<Image> {
  const slug = name.replaceAll(/[^a-z0-9.-]+/gi, "_");
  const folder = await cached(`images/${slug}`, key, (target) =>
    saying(`building image ${name}`, async () => {
      await using _ = await lock("image-store");
      await make();
      await buildah(["push", "-D", name, `oci-archive:${join(target, "image.tar")}:${name}`]);
    }),
  );
  return { name, archive: join(folder, "image.tar"), key };
}

/** Builds by the network of the machine, never of a node: RUN lines may install packages, FROM lines may not pull. */
export async function bud(name: string, context: string, options: string[] = []): Promise<void> {
  await buildah(["bud", "--isolation", "oci", "--network", "host", "--pull-never", ...options, "-t", name, context]);
}

/** In a store of our own, and in a mount namespace of its own: buildah leaves a mount on its store otherwise. */
async function buildah(args: string[]): Promise<string> {
  const store = join(cacheFolder, "image-store");
  mkdirSync(store, { recursive: true });
  const at = ["--root", join(store, "root"), "--runroot", join(store, "run"), "--storage-driver", "overlay"];
  return command("unshare", ["--mount", "buildah", ...at, ...args], { log: join(cacheFolder, "images.log") });
}

/** Puts a base image under its name: the store may have been removed, or hold what another version of the recipe made. */
async function restored(base: Image): Promise<void> {
  const id = (await buildah(["pull", "-q", `oci-archive:${base.archive}`])).trim();
  await buildah(["tag", id, base.name]);
}

/** The files below `folder` that the COPY and ADD lines name, in order, without what was installed there. */
function copied(dockerfile: string, folder: string): string[] {
  const lines = dockerfile
    .replaceAll(/\\\n/g, " ")
    .split("\n")
    .filter((line) => /^\s*(COPY|ADD)\s/i.test(line) && !/--from=/.test(line));
  const sources = lines.flatMap((line) =>
    line
      .trim()
      .split(/\s+/)
      .slice(1, -1)
      .filter((word) => !word.startsWith("--")),
  );
  const exclude = (path: string) => /(^|\/)(node_modules|\.git|\.satang|\.cache)(\/|$)/.test(path);
  const found = sources.flatMap((source) =>
    globSync([source, join(source, "**")], { cwd: folder, exclude: (path) => exclude(String(path)) }),
  );
  return [...new Set(found)].filter((path) => statSync(join(folder, path)).isFile()).sort();
}
