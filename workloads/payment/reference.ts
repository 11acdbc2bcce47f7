import { parsePublicId, publicId } from "./id.ts";
import type { OperationRef } from "./operation.ts";

/** What we call an operation when we speak to a provider, who repeats it in its events: `mer_…/op_…`. It holds the whole primary key. */
export function referenceOf({ bucket, merchantId, id }: OperationRef): string {
  return `${publicId("merchant", bucket, merchantId)}/${publicId("operation", bucket, id)}`;
}

/** `undefined`: it is nothing that we ever said. */
export function parseReference(reference: string): OperationRef | undefined {
  const [first = "", second = "", ...more] = reference.split("/");
  const [merchant, operation] = [parsePublicId("merchant", first), parsePublicId("operation", second)];
  if (!merchant || !operation || merchant.bucket !== operation.bucket || more.length > 0) return undefined;
  return { bucket: merchant.bucket, merchantId: merchant.uuid, id: operation.uuid };
}
