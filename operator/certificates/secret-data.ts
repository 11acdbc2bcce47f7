import type { Certificates } from "./certificates.ts";

/** What the Secret holds; `undefined` when it is not whole, so that it is made anew. */
export function certificatesOf(data: { readonly [key: string]: string }): Certificates | undefined {
  const field = (key: string): string => Buffer.from(data[key] ?? "", "base64").toString();
  const trusted = pemsIn(field("ca.crt"));
  const [newest] = trusted;
  if (newest === undefined || !field("ca.key") || !field("tls.crt") || !field("tls.key")) return undefined;
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

/** The certificates in a text of PEM. */
export const pemsIn = (text: string): string[] => text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

/** As one text of PEM. */
export const caBundleOf = (trusted: readonly string[]): string => `${trusted.map((one) => one.trim()).join("\n")}\n`;
