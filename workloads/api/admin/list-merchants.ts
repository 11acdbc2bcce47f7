import type { AccessStore } from "../../store/access.ts";
import { listOf } from "../paging.ts";
import type { Route } from "../route.ts";
import { validated } from "../validated.ts";
import { listAnswer, listQuery } from "./admin-list.ts";
import { merchantResource, merchantSchema } from "./merchant-resource.ts";

/** `GET /v1/merchants`, newest first. */
export function listMerchants({ store }: { store: { access: Pick<AccessStore, "merchants"> } }): Route {
  return {
    method: "GET",
    path: "/v1/merchants",
    access: "admin",
    load: "list",
    doc: {
      summary: "List merchants",
      query: listQuery,
      answers: { 200: { description: "Merchants, newest first.", body: listOf(merchantSchema) } },
      problems: ["parameter_invalid", "parameter_unknown", "cursor_invalid"],
    },
    handle({ request }) {
      const query = validated(listQuery, request.query);
      return listAnswer(query, { named: "merchant", read: store.access.merchants, resourceOf: merchantResource });
    },
  };
}
