// Run as a process of its own, for it needs 20 MiB of libraries for a second every few months. Each line that it is given is an `Order` in JSON, and is answered
// by a line, in their order: what was `Made`, or the problem.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { Answer, Authority, Made, Order } from "./make.ts";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const earlierMs = 5 * 60_000; // clocks differ
const dayMs = 86_400_000;

for await (const line of createInterface(process.stdin)) {
  const answer: Answer = await made(JSON.parse(line) as Order).catch((error: Error) => ({ problem: error.message }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

async function made({ names, days, authority: given }: Order): Promise<Made> {
  const authority = given ?? (await newAuthority(days.authority));
  return { authority, serving: await serving(authority, names, days.serving) };
}

async function newAuthority(days: number): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=satang-${Date.now()}`, // a name of its own: two authorities live side by side while one takes over
    ...validity(days),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await pemOf(keys.privateKey) };
}

async function serving({ certificate, key }: Authority, dnsNames: readonly string[], days: number): Promise<Made["serving"]> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const issuer = new X509Certificate(certificate);
  const signingKey = await webcrypto.subtle.importKey("pkcs8", PemConverter.decode(key)[0]!, algorithm, false, ["sign"]);
  const made = await X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${dnsNames[0]}`,
    issuer: issuer.subject,
    ...validity(days),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(dnsNames.map((value) => ({ type: "dns", value }))),
    ],
  });
  return { certificate: made.toString("pem"), key: await pemOf(keys.privateKey) };
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - earlierMs), notAfter: new Date(Date.now() + days * dayMs) };
}

function serial(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0]! &= 0x7f; // a serial number is positive
  return Buffer.from(bytes).toString("hex");
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");
}
