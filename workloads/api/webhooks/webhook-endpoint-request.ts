import { z } from "zod";
import type { Mode } from "../../payment/payment.ts";
import { eventTypes } from "../../payment/settlement.ts";
import { maxUrlLength, urlFault } from "../../webhook/url-fault.ts";
import { text } from "../text.ts";

const typesError = `a list of ${eventTypes.join(", ")}, each once; or null, for every event`;

export type EndpointRules = {
  readonly mode: Mode;
  /** Endpoints may lead into private networks. */
  readonly allowPrivateWebhooks: boolean;
};

/** What may be said of an endpoint. */
export function endpointFields({ mode, allowPrivateWebhooks }: EndpointRules) {
  const rules = { secure: mode === "live", allowPrivate: allowPrivateWebhooks };
  const shape = `${rules.secure ? "an https" : "an http or https"} URL`;
  return {
    url: z
      .string({ error: shape })
      .superRefine((url, context) => {
        const fault = urlFault(url, rules);
        if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
      })
      .describe(`Where events are sent: ${shape} into the public internet, without user name, password and fragment.`)
      .meta({ maxLength: maxUrlLength, format: "uri" }),
    description: text(500).nullable().describe("For people."),
    event_types: z
      .array(z.enum(eventTypes, { error: typesError }), { error: typesError })
      .min(1, { error: typesError })
      .max(eventTypes.length, { error: typesError })
      .refine((all) => new Set(all).size === all.length, { error: typesError })
      .nullable()
      .describe("Only events of these types. null: every event, those that come with later versions too."),
  };
}
