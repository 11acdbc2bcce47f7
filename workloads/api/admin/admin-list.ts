import { z } from "zod";
import { type Named, parsePublicId } from "../../payment/id.ts";
import type { At, NewestFirst } from "../../store/access.ts";
import type { Answer } from "../endpoint.ts";
import { pageQuery } from "../paging.ts";
import { Refusal } from "../problem.ts";
import { merchantAt } from "./merchant-resource.ts";

/** What the admin's lists are asked with. Their cursors are plain ids: there is nothing that the admin may not see. */
export const listQuery = z.strictObject({ limit: pageQuery.limit, cursor: pageQuery.cursor });
export const listOfMerchantQuery = listQuery.extend({ merchant: z.string({ error: "an id that begins with mer_" }).max(100).optional() });

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
  throw new Refusal({
    code: "cursor_invalid",
    detail: "Send next_cursor as it was answered, or leave it out to begin anew.",
    param: "cursor",
  });
}
