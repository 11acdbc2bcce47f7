import { type Certificates, faultOf, renewed } from "../certificates/certificates.ts";
import type { Days } from "../certificates/make.ts";
import { certificatesOf, dataOf } from "../certificates/secret-data.ts";
import type { Kube } from "../kube/kube.ts";
import { KubeError } from "../kube/kube-error.ts";

export type KeepOptions = {
  readonly namespace: string;
  readonly secret: string;
  /** DNS names that the API server calls us by. */
  readonly names: readonly string[];
  readonly now: number;
  readonly days?: Days | undefined;
};

/** The certificates of the Secret, made or renewed where that is due, and made anew where what is there is of no use. Two who come at once agree: the second takes what the first has written. */
export async function keepCertificates(kube: Pick<Kube, "get" | "create" | "replace">, options: KeepOptions): Promise<Certificates> {
  const { namespace, secret: name } = options;
  for (;;) {
    const secret = await kube.get("Secret", { namespace, name });
    const found = secret?.data && certificatesOf(secret.data);
    const have = found && faultOf(found) === undefined ? found : undefined;
    const next = await renewed(have, options);
    if (next === have) return next;

    const object = {
      apiVersion: "v1",
      kind: "Secret",
      type: "Opaque",
      metadata: { namespace, name, ...versionOf(secret) },
      data: dataOf(next),
    };
    try {
      await (secret ? kube.replace(object) : kube.create(object));
      return next;
    } catch (error) {
      if (error instanceof KubeError && error.code === 409) continue;
      const fault = found && faultOf(found, options.now);
      throw fault ? new Error(`Secret ${name}: ${fault}, and cannot be made anew: ${(error as Error).message}`, { cause: error }) : error;
    }
  }
}

const versionOf = (secret: { metadata: { resourceVersion: string } } | undefined) =>
  secret ? { resourceVersion: secret.metadata.resourceVersion } : {};
