import { z } from "zod";
import type { AccessStore } from "../../store/access.ts";
import { jsonObjectOf, readBody } from "../body.ts";
import type { Route } from "../route.ts";
import { text } from "../text.ts";
import { validated } from "../validated.ts";
import { merchantResource, merchantSchema } from "./merchant-resource.ts";

const request = z
  .strictObject({ name: text(200).meta({ example: "Coffee Shop" }) }, { error: "a JSON object" })
  .meta({ id: "NewMerchant" });

/** `POST /v1/merchants`. A merchant can do nothing before he has a key. */
export function createMerchant({ store }: { store: { access: Pick<AccessStore, "createMerchant"> } }): Route {
  return {
    method: "POST",
    path: "/v1/merchants",
    access: "admin",
    load: "payment",
    doc: {
      summary: "Create a merchant",
      description: "Then make a key for it. Sent twice, this makes two merchants: disable the one that is too many.",
      body: request,
      answers: { 201: { description: "The merchant.", body: merchantSchema } },
      problems: [],
    },
    async handle({ request: asked, by }) {
      const { name } = validated(request, jsonObjectOf(await readBody(asked)));
      const body = merchantResource(await store.access.createMerchant(name, by));
      return { status: 201, headers: { location: `/v1/merchants/${body.id}` }, body };
    },
  };
}
