import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Currency, digitsOf, formatMoney, isCurrency, maxAmount } from "../../../workloads/payment/money.ts";

describe("money", () => {
  // Where Intl and ISO 4217 differ, ISO is right: a wrong digit here is a hundredfold charge.
  test.each([
    ["THB", 2],
    ["JPY", 0],
    ["KWD", 3],
    ["HUF", 2],
    ["IQD", 3],
    ["IDR", 2],
    ["COP", 2],
    ["CLF", 4],
  ])("in %s has %i digits", (code, digits) => {
    expect(digitsOf(code as Currency)).toBe(digits);
  });

  test("is not gold, a test code, a word, or lower case", () => {
    expect(["XAU", "XTS", "XXX", "ABC", "thb", "", "THBB", "__proto__"].filter(isCurrency)).toEqual([]);
  });

  test("reads back from how it is written, exactly", () => {
    const codes = fc.constantFrom("THB", "JPY", "KWD", "CLF");
    fc.assert(
      fc.property(codes, fc.integer({ min: -maxAmount, max: maxAmount }), (code, amount) => {
        const currency = code as Currency;
        const text = formatMoney({ amount, currency }).split(" ")[0]!;

        expect(Number(text.replace(".", ""))).toBe(amount);
        expect(text.split(".")[1]?.length ?? 0).toBe(digitsOf(currency));
      }),
    );
  });

  test("may be summed a thousand times over without leaving the safe integers", () => {
    expect(Number.isSafeInteger(maxAmount * 1000)).toBe(true);
  });
});
