import type { V1EnvVar } from "@kubernetes/client-node";

/** A value that stands in a Secret; the kubelet puts it in, so it is in no other object. */
export type FromSecret = { readonly secret: string; readonly key: string };

/** What a role's contract asks for; a variable that it requires and this forgets does not compile. In a text, `$(NAME)` is a variable that stands before it. */
export function envOf<Env extends { [name in keyof Env]?: string | undefined }>(
  values: { readonly [name in keyof Env]: Env[name] | FromSecret | undefined },
  before: Readonly<Record<string, FromSecret>> = {},
): V1EnvVar[] {
  return Object.entries<string | FromSecret | undefined>({ ...before, ...values }).flatMap(([name, value]) =>
    value === undefined ? [] : [typeof value === "string" ? { name, value } : { name, valueFrom: fromSecret(value) }],
  );
}

const fromSecret = ({ secret, key }: FromSecret) => ({ secretKeyRef: { name: secret, key } });
