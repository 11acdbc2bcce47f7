import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { repository } from "../../cluster/build/folders.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { operatorNamespace } from "./installed.ts";
import type { Shop } from "./shop.ts";

export function billOfMaterialsTests(cluster: () => Cluster, shop: () => Shop): void {
  test("says what is in its images: of npm's packages each that the lockfile has, with version and licence, and none for development", async () => {
    const { name } = (await cluster().list("pods", { namespace: operatorNamespace }))[0]!.metadata;
    const [api] = await shop().list("pods", "api");
    const locked = lockedPackages();

    for (const pod of [
      { namespace: operatorNamespace, name },
      { namespace: shop().namespace, name: api!.metadata.name },
    ]) {
      const { spdxVersion, packages } = JSON.parse(await cluster().exec(pod, ["cat", "/app/sbom.spdx.json"])) as Spdx;

      const named = packages.map((one) => `${one.name}@${one.versionInfo}`);
      expect(spdxVersion).toBe("SPDX-2.3");
      expect(named).toEqual(expect.arrayContaining(locked.always));
      expect(named.filter((one) => locked.development.includes(one))).toEqual([]);
      expect(packages.filter(({ licenseDeclared = "NOASSERTION" }) => licenseDeclared === "NOASSERTION")).toEqual([]);
    }
  });

  test("says what is in its images: of Debian's packages the version, and where the licence is", async () => {
    for (const [component, debian] of [
      ["postgres", "postgresql-17"],
      ["redis", "redis-server"],
    ] as const) {
      const [member] = await shop().list("pods", component);
      const pod = { namespace: shop().namespace, name: member!.metadata.name };

      expect(await cluster().exec(pod, ["dpkg-query", "--show", debian])).toMatch(new RegExp(`^${debian}(:\\w+)?\\t\\d+[:.]`));
      expect(await cluster().exec(pod, ["cat", `/usr/share/doc/${debian}/copyright`])).toMatch(/licen[cs]e/i);
    }
  });
}

interface Spdx {
  readonly spdxVersion: string;
  readonly packages: readonly { readonly name: string; readonly versionInfo: string; readonly licenseDeclared?: string }[];
}

/** `name@version` of what package-lock.json has for every machine, and of what it has for development only. */
function lockedPackages(): { always: string[]; development: string[] } {
  const { packages } = JSON.parse(readFileSync(`${repository}/package-lock.json`, "utf8")) as { packages: Record<string, Locked> };
  const named = (fits: (one: Locked) => boolean) =>
    Object.entries(packages).flatMap(([path, one]) => (path && fits(one) ? [`${path.split("node_modules/").at(-1)}@${one.version}`] : []));
  const needed = named(({ dev }) => !dev);
  return {
    always: named(({ dev, optional, devOptional }) => !dev && !optional && !devOptional),
    development: named(({ dev = false }) => dev).filter((id) => !needed.includes(id)),
  };
}

interface Locked {
  readonly version: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}
