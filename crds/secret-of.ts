import type { Rule } from "./rule.ts";

type Backed = { readonly backend: "managed" | "external"; readonly secretName?: string | undefined };

/** The rules of a part that Satang runs itself or finds by a Secret, which holds `what`. */
export const secretOf = (what: string): Rule<Backed>[] => [
  {
    cel: "self.backend == 'managed' || has(self.secretName)",
    holds: ({ backend, secretName }) => backend === "managed" || secretName !== undefined,
    field: "secretName",
    message: `is missing: backend external needs the name of the Secret with ${what}`,
  },
  {
    cel: "self.backend == 'external' || !has(self.secretName)",
    holds: ({ backend, secretName }) => backend === "external" || secretName === undefined,
    field: "secretName",
    message: "would be left unread with backend managed: take it out, or set backend: external",
  },
];
