import type { IncomingMessage } from "node:http";
import { holdsCardNumber } from "./card-number.ts";
import { Refusal } from "./problem.ts";

/** Refuses a request whose URL or headers hold a card number. `route`: the pattern that the URL fits. */
export function refuseCardNumber({ url = "", rawHeaders }: IncomingMessage, route: string): void {
  if (url !== route && holdsCardNumber(url.replace(/%20|%2d|\+/gi, " "))) throw refusal("URL");
  for (let i = 1; i < rawHeaders.length; i += 2) {
    const value = rawHeaders[i]!;
    if (value.length >= 13 && holdsCardNumber(value) && !byMachines.test(rawHeaders[i - 1]!)) throw refusal("header");
  }
}

// Numbers in these are made by clients, proxies and tracers, and look like a card's now and then. We neither keep nor log them.
const byMachines =
  /^(?:accept|authorization|b3|baggage|cdn-.*|cf-.*|connection|content-length|date|forwarded|host|trace.*|user-agent|via|x-(?:amzn|b3|cloud|correlation|datadog|envoy|forwarded|real|request)-.*)$/i;

function refusal(where: "URL" | "header"): Refusal {
  const detail = `${where === "URL" ? "The URL" : "A header"} holds a card number. Card numbers must not reach this API, in any field.`;
  return new Refusal({ code: "pan_not_allowed", detail });
}
