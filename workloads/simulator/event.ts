import { randomUUID } from "node:crypto";
import type { OperationRequest } from "./operation-request.ts";

/** More than that wait for nobody. */
export const maxEvents = 10_000;

type EndedOperation = Pick<OperationRequest, "key" | "kind" | "reference"> & { readonly state: string };

/** What the caller is told about an operation that has ended. It names what to ask for, and is nothing to book by. */
export function eventOf({ key, kind, reference, state }: EndedOperation, at: number): { id: string; [field: string]: unknown } {
  return { id: `evt_${randomUUID()}`, type: `${kind}.${state}`, created: new Date(at).toISOString(), data: { key, reference } };
}
