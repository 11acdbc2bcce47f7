import { bytesOf } from "./field.ts";
import type { Problem } from "./parse-payment-system.ts";
import type { PaymentSystemSpec } from "./payment-system.ts";

/** What must hold between a spec and the one before it; in CEL `self` and `oldSelf`. `field` is a path below `spec`. */
export type ChangeRule = {
  readonly cel: string;
  readonly holds: (self: PaymentSystemSpec, old: PaymentSystemSpec) => boolean;
  readonly field: string;
  readonly message: string;
};

/** What a new spec changes though it must not; none: the change is allowed. */
export function forbiddenChanges(old: PaymentSystemSpec, spec: PaymentSystemSpec): Problem[] {
  return changeRules.filter(({ holds }) => !holds(spec, old)).map(({ field, message }) => ({ path: `spec.${field}`, message }));
}

export const changeRules: readonly ChangeRule[] = [
  {
    cel: "self.mode == oldSelf.mode",
    holds: (self, old) => self.mode === old.mode,
    field: "mode",
    message: "cannot change, or test payments would stand in live books: make another PaymentSystem for the other mode",
  },
  {
    cel: "self.postgres.backend == oldSelf.postgres.backend",
    holds: (self, old) => self.postgres.backend === old.postgres.backend,
    field: "postgres.backend",
    message: "cannot change, or payments would stay behind in the other database: make another PaymentSystem there",
  },
  {
    cel: "self.postgres.shards >= oldSelf.postgres.shards",
    holds: (self, old) => self.postgres.shards >= old.postgres.shards,
    field: "postgres.shards",
    message: "may only grow, because payments stay on the shard where they were made: set it to what it was or more",
  },
  ...storageRules("postgres"),
  ...storageRules("redis"),
];

function storageRules(part: "postgres" | "redis"): ChangeRule[] {
  return [
    {
      // Not `?className == ?className`: of two optionals the API server assumes the worst, and finds it too costly.
      cel: `has(self.${part}.storage.className) == has(oldSelf.${part}.storage.className) && (!has(self.${part}.storage.className) || self.${part}.storage.className == oldSelf.${part}.storage.className)`,
      holds: (self, old) => self[part].storage.className === old[part].storage.className,
      field: `${part}.storage.className`,
      message: "cannot change, because volumes keep the class that they were made with: set it to what it was",
    },
    {
      cel: `quantity(self.${part}.storage.size).compareTo(quantity(oldSelf.${part}.storage.size)) >= 0`,
      holds: (self, old) => bytesOf(self[part].storage.size) >= bytesOf(old[part].storage.size),
      field: `${part}.storage.size`,
      message: "may only grow, because a volume cannot shrink: set it to what it was or more",
    },
  ];
}
