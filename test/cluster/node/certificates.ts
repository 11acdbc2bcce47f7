import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "../command.ts";
import { address } from "./network.ts";

/** Makes two authorities, all the certificates that they vouch for and the key pair of service accounts, in a third of a second. */
export async function certificates(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "openssl.conf"), "[req]\ndistinguished_name = subject\n[subject]\n");
  const accounts = generateKeyPairSync("ec", { namedCurve: "P-256" });
  writeFileSync(join(folder, "accounts.key"), accounts.privateKey.export({ type: "sec1", format: "pem" }));
  writeFileSync(join(folder, "accounts.pub"), accounts.publicKey.export({ type: "spki", format: "pem" }));
  await Promise.all([authority(folder, "ca"), authority(folder, "front-proxy-ca")]);
  await Promise.all([
    signed(folder, "api-server", "/CN=kube-apiserver", apiServerNames),
    signed(folder, "api-server-to-kubelet", "/O=system:masters/CN=kube-apiserver-kubelet-client"),
    signed(folder, "kubelet", "/O=system:nodes/CN=system:node:node", `DNS:node,IP:${address.node}`),
    signed(folder, "controller-manager", "/CN=system:kube-controller-manager", "DNS:localhost,IP:127.0.0.1"),
    signed(folder, "scheduler", "/CN=system:kube-scheduler", "DNS:localhost,IP:127.0.0.1"),
    signed(folder, "proxy", "/CN=system:kube-proxy"),
    signed(folder, "admin", "/O=system:masters/CN=admin"),
    signed(folder, "front-proxy", "/CN=front-proxy-client", undefined, "front-proxy-ca"),
  ]);
}

/** A kubeconfig with everything in it, so it can be copied anywhere. Written as JSON, which is YAML. */
export function kubeconfig(folder: string, certificate: string, server: string): string {
  const data = (file: string) => readFileSync(join(folder, file)).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "satang",
    contexts: [{ name: "satang", context: { cluster: "satang", user: certificate } }],
    clusters: [{ name: "satang", cluster: { server, "certificate-authority-data": data("ca.crt") } }],
    users: [
      { name: certificate, user: { "client-certificate-data": data(`${certificate}.crt`), "client-key-data": data(`${certificate}.key`) } },
    ],
  };
  return JSON.stringify(config, null, 2);
}

const apiServerNames = [
  ...["127.0.0.1", address.node, address.api].map((ip) => `IP:${ip}`),
  ...["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"].map(
    (name) => `DNS:${name}`,
  ),
].join(",");

function authority(folder: string, name: string): Promise<string> {
  return request(folder, name, `/CN=${name}`, ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,digitalSignature"]);
}

/** A certificate for both ends of a connection: who is a client here is often a server too. */
export function signed(folder: string, name: string, subject: string, names?: string, by = "ca"): Promise<string> {
  const extensions = [
    "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=serverAuth,clientAuth",
    ...(names ? [`subjectAltName=${names}`] : []),
  ];
  return request(folder, name, subject, extensions, ["-CA", join(folder, `${by}.crt`), "-CAkey", join(folder, `${by}.key`)]);
}

function request(folder: string, name: string, subject: string, extensions: string[], signer: string[] = []): Promise<string> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", join(folder, `${name}.key`)];
  const made = ["-x509", "-days", "30", "-subj", subject, "-out", join(folder, `${name}.crt`)];
  return command("openssl", [
    "req",
    "-config",
    join(folder, "openssl.conf"),
    ...key,
    ...made,
    ...signer,
    ...extensions.flatMap((extension) => ["-addext", extension]),
  ]);
}
