import type { PaymentSystem } from "../crds/payment-system.ts";
import type { PaymentSystemStatus } from "../crds/status.ts";
import { validate } from "../crds/validate.ts";
import type { ObjectOf } from "./kube/kinds.ts";

/** A PaymentSystem as the API server keeps it, checked once more and with every default filled in. */
export type System = PaymentSystem & {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string; readonly generation: number };
};

/** As it comes from the API server, which may have let anything pass. */
export type Found = ObjectOf<"PaymentSystem">;

export type Read = { readonly system: System } | { readonly problem: string };

/** What an object that is stored says, or what is wrong with it in one text, each fault with its path. */
export function readSystem(object: Found): Read {
  const read = validate(object);
  if ("problems" in read) {
    const faults = read.problems.map(({ path, message }) => `${path || "the resource"} ${message}`);
    return { problem: faults.slice(0, mostFaults).join("; ") };
  }
  const { name, namespace = "", uid, generation = 0 } = object.metadata;
  return { system: { ...read.system, metadata: { ...read.system.metadata, name, namespace, uid, generation } } };
}

const mostFaults = 10;

/** What was last told about it. */
export const statusIn = ({ status }: Found): PaymentSystemStatus => (status ?? {}) as PaymentSystemStatus;
