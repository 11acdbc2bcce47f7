import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** In PEM, with what is needed to issue others by it. */
export interface ACertificate {
  readonly pem: string;
  readonly key: string;
  readonly name: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

interface Asked {
  readonly name?: string;
  /** Days from now; default: from yesterday, for a hundred days. */
  readonly from?: number;
  readonly to?: number;
  /** Default: itself. */
  readonly by?: ACertificate;
  /** To go on with; default: new ones. */
  readonly keys?: webcrypto.CryptoKeyPair;
  readonly for?: readonly string[];
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);
let made = 0;

export const anAuthority = (asked: Asked = {}): Promise<ACertificate> =>
  certificate({ name: `authority-${++made}`, ...asked }, [
    new BasicConstraintsExtension(true, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
  ]);

export const aServer = (asked: Asked = {}): Promise<ACertificate> =>
  certificate({ name: "server", ...asked }, [
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new SubjectAlternativeNameExtension((asked.for ?? []).map((value) => ({ type: "dns", value }))),
  ]);

async function certificate({ name = "", from = -1, to = 100, by, keys: given }: Asked, extensions: Extension[]): Promise<ACertificate> {
  const keys = given ?? ((await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as webcrypto.CryptoKeyPair);
  const made = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: `CN=${by?.name ?? name}`,
    notBefore: inDays(from),
    notAfter: inDays(to),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: (by?.keys ?? keys).privateKey,
    extensions,
  });
  const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
  return { pem: made.toString("pem"), key: `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`, name, keys };
}
