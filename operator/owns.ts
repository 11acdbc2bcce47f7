import type { Metadata } from "./kube/kinds.ts";

/**
 * Whether the fields of an intent are all still ours, by the API server's own books: whoever changes or removes a field takes it from us. Says nothing of
 * fields that we gave once and not any more.
 */
export function ownsAll({ managedFields = [] }: Metadata, intent: object): boolean {
  const [ours] = managedFields;
  return (
    ours?.fieldsV1 !== undefined &&
    covers(ours.fieldsV1 as Fields, intent, new Set(["apiVersion", "kind", "metadata.name", "metadata.namespace"]))
  );
}

/** `f:name` is a field, `k:{…}` an item of a list by its keys, `v:…` an item of a set; without any of these, the whole value. */
type Fields = { readonly [key: string]: Fields };

/** Identity is nobody's field. */
function covers(fields: Fields, value: unknown, unowned: ReadonlySet<string>, path = ""): boolean {
  if (isWhole(fields) || typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every((item) => itemOf(fields, item) !== undefined && covers(itemOf(fields, item)!, item, none));
  return Object.entries(value).every(([name, field]) => {
    const at = path ? `${path}.${name}` : name;
    if (field === undefined || unowned.has(at)) return true;
    const owned = fields[`f:${name}`];
    return owned !== undefined && covers(owned, field, unowned, at);
  });
}

const none: ReadonlySet<string> = new Set();

/** Of a list, an item's own entry. Keys that the intent leaves to the server's default cannot be compared. */
function itemOf(fields: Fields, item: unknown): Fields | undefined {
  if (typeof item !== "object" || item === null) return fields[`v:${JSON.stringify(item)}`];
  const found = Object.entries(fields).find(([key]) => key.startsWith("k:") && isOf(item, JSON.parse(key.slice(2))));
  return found?.[1];
}

const isOf = (item: object, keys: { readonly [key: string]: unknown }): boolean =>
  Object.entries(keys).every(([key, value]) => {
    const own = Reflect.get(item, key);
    return own === undefined || own === value;
  });

const isWhole = (fields: Fields): boolean => Object.keys(fields).every((key) => key === ".");
