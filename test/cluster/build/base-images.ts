import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { command } from "../command.ts";
import { cached, keyOf } from "./cached.ts";
import { repository } from "./folders.ts";
import { kubernetesVersion, moduleFolder } from "./go-tools.ts";
import { archived, bud, type Image } from "./image.ts";
import { goCommand } from "./missing.ts";
import { saying } from "./progress.ts";

// Stand-ins under the names that a user's machine would pull, made from Debian's and npm's packages:
// so the Dockerfiles of this repository build here unchanged, and nothing is pulled.

/** What each pod's namespaces are held by: Kubernetes' own `pause.c`, compiled here. */
export function pauseImage(): Promise<Image> {
  const name = "satang.test/pause:1";
  return archived(name, keyOf(kubernetesVersion(), dockerfile.pause), () =>
    inTemporaryFolder(async (folder) => {
      const module = (
        await command(goCommand() ?? "go", ["list", "-m", "-f", "{{.Dir}}", "k8s.io/kubernetes"], { cwd: moduleFolder("node") })
      ).trim();
      await command("gcc", [
        "-Os",
        "-static",
        "-s",
        "-DVERSION=satang",
        "-o",
        join(folder, "pause"),
        join(module, "build/pause/linux/pause.c"),
      ]);
      writeFileSync(join(folder, "Dockerfile"), dockerfile.pause);
      await bud(name, folder);
    }),
  );
}

export async function debianImage(): Promise<Image> {
  const name = "docker.io/library/debian:trixie-slim";
  const files = await debianFiles();
  return archived(name, keyOf(basename(files), dockerfile.debian), () =>
    inTemporaryFolder(async (folder) => {
      copyFileSync(join(files, "rootfs.tar"), join(folder, "rootfs.tar"));
      writeFileSync(join(folder, "Dockerfile"), dockerfile.debian);
      await bud(name, folder);
    }),
  );
}

export async function nodeImage(): Promise<Image> {
  const name = "docker.io/library/node:24-trixie-slim";
  const debian = await debianImage();
  const certificates = process.env.NODE_EXTRA_CA_CERTS ? readFileSync(process.env.NODE_EXTRA_CA_CERTS) : undefined;
  const text = dockerfile.node(certificates !== undefined);
  return archived(name, keyOf(debian.key, text, nodeVersion(), npmVersion, certificates ?? ""), () =>
    inTemporaryFolder(async (folder) => {
      mkdirSync(join(folder, "local/bin"), { recursive: true });
      copyFileSync(join(repository, "node_modules/node/bin/node"), join(folder, "local/bin/node"));
      await command("npm", ["install", "--global", "--prefix", join(folder, "local"), `npm@${npmVersion}`]);
      if (certificates) writeFileSync(join(folder, "machine.crt"), certificates);
      writeFileSync(join(folder, "Dockerfile"), text);
      await bud(name, folder);
    }),
  );
}

const npmVersion = "11.21.2";
const nodeVersion = (): string => JSON.parse(readFileSync(join(repository, "node_modules/node/package.json"), "utf8")).version;

const dockerfile = {
  pause: 'FROM scratch\nCOPY pause /pause\nUSER 65535:65535\nENTRYPOINT ["/pause"]\n',
  debian: 'FROM scratch\nADD rootfs.tar /\nCMD ["bash"]\n',
  // A machine behind an authority of its own says so by NODE_EXTRA_CA_CERTS; `RUN npm ci` then needs the same in the image.
  node: (certificates: boolean) => `FROM docker.io/library/debian:trixie-slim
COPY local/ /usr/local/
${certificates ? "COPY machine.crt /usr/local/share/machine.crt\nENV NODE_EXTRA_CA_CERTS=/usr/local/share/machine.crt\n" : ""}\
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
CMD ["node"]
`,
};

/** Debian trixie's minimal system without manuals and package lists. Its mounts are its own, so a killed run leaves none. */
function debianFiles(): Promise<string> {
  return cached("debian", keyOf("trixie", debianScript), (target) =>
    saying("making the Debian base image (once; about a minute)", () =>
      inTemporaryFolder(async (folder) => {
        const env = { ...process.env, ROOT: join(folder, "rootfs"), TAR: join(target, "rootfs.tar") };
        await command("unshare", ["--mount", "bash", "-euc", debianScript], { env, log: join(target, "debootstrap.log") });
      }),
    ),
  );
}

const debianScript = `
debootstrap --variant=minbase trixie "$ROOT"
rm -rf "$ROOT"/var/cache/apt/archives/*.deb "$ROOT"/var/lib/apt/lists/* "$ROOT"/usr/share/{doc,man,info,locale}/* "$ROOT"/var/log/*
mkdir -p "$ROOT"/var/log/apt
tar --create --numeric-owner --directory="$ROOT" --exclude=./dev/* --exclude=./proc/* --exclude=./sys/* --file="$TAR" .
`;

async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "satang-image-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
