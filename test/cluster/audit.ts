import { readFileSync } from "node:fs";

/** A request that may have changed something, as the API server's audit log tells it. */
export interface Write {
  /** `system:serviceaccount:satang-system:satang-operator` */
  user: string;
  /** Of a service account's token, which tells processes apart that use the same account: `JTI=…`. */
  credential: string | undefined;
  verb: string;
  /** `leases`, with its subresource: `paymentsystems/status`. */
  resource: string;
  namespace: string | undefined;
  name: string | undefined;
  code: number;
  /** When it was answered, in ms since 1970. */
  at: number;
}

/** Writes in the order in which they were answered. Reads are not logged; dry runs and questions who may do what write nothing. */
export function writesIn(file: string): Write[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1) // the last line may not be whole yet
    .map((line) => JSON.parse(line))
    .filter(({ requestURI, objectRef }) => !/[?&]dryRun=/.test(requestURI) && objectRef?.apiGroup !== "authorization.k8s.io")
    .map(writeOf);
}

// biome-ignore lint/suspicious/noExplicitAny: of the many fields of an audit event these are what is read
function writeOf({ user, verb, objectRef = {}, responseStatus, stageTimestamp }: any): Write {
  return {
    user: user.username,
    credential: user.extra?.["authentication.kubernetes.io/credential-id"]?.[0],
    verb,
    resource: objectRef.subresource ? `${objectRef.resource}/${objectRef.subresource}` : objectRef.resource,
    namespace: objectRef.namespace,
    name: objectRef.name,
    code: responseStatus?.code,
    at: Date.parse(stageTimestamp),
  };
}
