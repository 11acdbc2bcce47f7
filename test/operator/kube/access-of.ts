import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Access } from "../../../operator/kube/access.ts";

/** An API server as its administrator reaches it, at another address if one is given. */
export function accessOf({ url, certificates }: { url: string; certificates: string }, at = url): Access {
  const [ca, cert, key] = ["ca.crt", "admin.crt", "admin.key"].map((file) => readFileSync(join(certificates, file), "utf8"));
  return { server: at, namespace: "default", credentials: async () => ({ ca: ca!, certificate: { cert: cert!, key: key! } }) };
}
