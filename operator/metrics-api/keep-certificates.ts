import type { Kube } from "../kube/kube.ts";
import { KubeError } from "../kube/kube-error.ts";
import { type Certificates, type Days, faultOf, renewed } from "./certificates.ts";

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

/** What the Secret holds; `undefined` when it is not whole, so that it is made anew. */
export function certificatesOf(data: { readonly [key: string]: string }): Certificates | undefined {
  const field = (key: string): string => Buffer.from(data[key] ?? "", "base64").toString();
  const trusted = field("ca.crt").match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  const [newest] = trusted ?? [];
  if (!trusted || newest === undefined || !field("ca.key") || !field("tls.crt") || !field("tls.key")) return undefined;
  return {
    authority: { certificate: newest, key: field("ca.key") },
    serving: { certificate: field("tls.crt"), key: field("tls.key") },
    trusted,
  };
}

/** As the Secret holds it. */
export function dataOf({ authority, serving, trusted }: Certificates): { [key: string]: string } {
  const fields = {
    "ca.crt": caBundleOf(trusted),
    "ca.key": authority.key,
    "tls.crt": serving.certificate,
    "tls.key": serving.key,
  };
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString("base64")]));
}

/** As one text of PEM. */
export const caBundleOf = (trusted: readonly string[]): string => `${trusted.map((one) => one.trim()).join("\n")}\n`;

const versionOf = (secret: { metadata: { resourceVersion: string } } | undefined) =>
  secret ? { resourceVersion: secret.metadata.resourceVersion } : {};
