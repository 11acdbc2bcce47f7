import { z } from "zod";
import { type Named, parsePublicId } from "../../payment/id.ts";
import type { At, NewestFirst } from "../../store/access.ts";
import type { Answer } from "../endpoint.ts";
import { Refusal } from "../problem.ts";
import { merchantAt } from "./merchant-resource.ts";

/** What the admin's lists are asked with: `cursor` is `next_cursor` of the page before. */
export const listQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, { error: "a number from 1 to 100" })
    .default("20")
    .meta({ type: "integer", minimum: 1, maximum: 100, pattern: undefined, default: 20 }),
  cursor: z.string({ error: "next_cursor of the page before" }).max(100, { error: "next_cursor of the page before" }).optional(),
});
export const listOfMerchantQuery = listQuery.extend({ merchant: z.string({ error: "an id that begins with mer_" }).max(100).optional() });

/** What such a list answers, newest first. */
export function listSchema<Item extends z.ZodType>(item: Item) {
  return z.strictObject({
    object: z.literal("list"),
    data: z.array(item),
    has_more: z.boolean(),
    next_cursor: z.string().nullable().describe("Give it as `cursor` for the next page."),
  });
}

type Listing<Item, Resource> = {
  readonly named: Named;
  readonly read: (page: NewestFirst & { merchant: At | null }) => Promise<Item[]>;
  readonly resourceOf: (item: Item) => Resource;
};

/** One page: asks for one more than fits, which tells whether there is another page. */
export async function listAnswer<Item, Resource extends { id: string }>(
  { limit: asked, cursor, merchant }: z.output<typeof listOfMerchantQuery>,
  { named, read, resourceOf }: Listing<Item, Resource>,
): Promise<Answer> {
  const limit = Number(asked);
  const before = cursor === undefined ? null : cursorAt(cursor, named);
  const found = await read({ limit: limit + 1, before, merchant: merchant === undefined ? null : merchantAt(merchant) });
  const data = found.slice(0, limit).map(resourceOf);
  const hasMore = found.length > limit;
  return { status: 200, body: { object: "list", data, has_more: hasMore, next_cursor: hasMore ? data.at(-1)!.id : null } };
}

function cursorAt(cursor: string, named: Named): string {
  const at = parsePublicId(named, cursor);
  if (at) return at.uuid;
  throw new Refusal({ code: "parameter_invalid", detail: "cursor must be next_cursor of the page before.", param: "cursor" });
}
