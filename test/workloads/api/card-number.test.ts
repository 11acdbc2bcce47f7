import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { holdsCardNumber, unescapedJson } from "../../../workloads/api/card-number.ts";
import { type Served, serve } from "./served.ts";
import { coffee, type Shop } from "./shop.ts";

// The networks' own test numbers.
const cards = [
  ...["4242424242424242", "4222222222222", "4000056655665556", "5555555555554444", "2223003122003222", "378282246310005"],
  ...["6011111111111117", "3056930009020004", "36227206271667", "3566002020360505", "6200000000000005", "6205500000000000004"],
];

describe("a card number", () => {
  test.for(cards)("is seen: %s", (card) => {
    const groups = card.match(/.{1,4}/g)!;

    for (const text of [card, `a card ${card}.`, `pan${card}x`, groups.join(" "), groups.join("-"), `17 ${groups.join(" ")} 350`])
      expect([text, holdsCardNumber(text)]).toEqual([text, true]);
    expect(holdsCardNumber(unescapedJson(JSON.stringify(card).replace("4", "\\u0034")))).toBe(true);
  });

  test("is not seen in what only looks like one", () => {
    const innocent = ["", "4242424242424241", "order-1763456789012", "20261124-0001-0034", "+66 81 234 5678", "0000000000000000"];

    for (const text of innocent) expect([text, holdsCardNumber(text)]).toEqual([text, false]);
  });

  test("is never seen in a UUID or a digest", () => {
    for (let i = 0; i < 20_000; i++) expect(holdsCardNumber(randomUUID())).toBe(false);
    const digest = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });
    fc.assert(fc.property(digest, (hex) => !/[a-f]/.test(hex) || !holdsCardNumber(hex)));
  });
});

describe("a request that holds a card number", () => {
  let served: Served;
  let shop: Shop;
  beforeAll(async () => {
    served = await serve({ worker: false });
    shop = await served.shop();
  });
  afterAll(() => served[Symbol.asyncDispose]());

  const card = "4242424242424242";
  const bodies: [where: string, body: unknown][] = [
    ["the token", { ...coffee, method: { type: "card", token: card } }],
    ["the reference, in groups", { ...coffee, reference: "card 4242 4242-4242 4242 of today" }],
    ["a value of metadata", { ...coffee, metadata: { note: card } }],
    ["a key of metadata", { ...coffee, metadata: { [card]: "note" } }],
    ["the amount", { ...coffee, amount: Number(card) }],
    ["a field that there is not", { ...coffee, number: card }],
    ["the name of a field", { ...coffee, [card]: 1 }],
    ["an escape", JSON.stringify({ ...coffee, reference: card }).replace("4242424242424242", "424242424242\\u0034\\u0032\\u0034\\u0032")],
  ];

  test.for(bodies)("in %s is refused, and neither stored, repeated nor logged", async ([, body]) => {
    const answer = await shop.pay(body, { key: "k" });

    expect(answer).toMatchObject({ status: 400, body: { code: "pan_not_allowed" } });
    expect(answer.text).not.toMatch(/4242/);
    expect(await shop.count("payments")).toBe(0);
    expect(served.log()).not.toMatch(/4242/);
  });

  test("in a header or the path is refused, too", async () => {
    const answers = await Promise.all([
      shop.pay(coffee, { key: card }),
      shop.pay(coffee, { key: `order 4242-4242-4242-4242` }),
      shop.pay(coffee, { key: "k", headers: { "x-reference": card } }),
      shop.ask(`/v1/payments/${card}`),
      shop.ask(`/v1/payments/pay_x?card=4242%204242%204242%204242`),
      shop.ask(`/v1/idempotency-keys/${card}`),
      shop.ask(`/v2/${card}`),
    ]);

    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 400, body: { code: "pan_not_allowed" } });
      expect(answer.text).not.toMatch(/4242/);
    }
    expect(await shop.count("payments")).toBe(0);
    expect(served.log()).not.toMatch(/4242/);
  });
});
