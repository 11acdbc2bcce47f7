import { expect, test } from "vitest";
import { type GrowingShop, growing, range } from "./growing-shop.ts";

export function zeroTests({ shop, traffic, quiet, doors }: GrowingShop): void {
  test("a pool with min 0 loses its last pod while nothing is queued, and the next payment brings one back", async () => {
    await shop().apply(growing({ ...range, min: 0 }));
    await quiet(0);
    expect(await shop().condition("Ready")).toMatchObject({ status: "True" });

    const begun = performance.now();
    const paid = await shop().pay();
    const seconds = (performance.now() - begun) / 1000;

    console.log(`from none: a payment was ${paid.body.status} ${seconds.toFixed(1)} s after it was asked for`);
    expect(paid.status).toBeLessThan(300);
    await traffic().pay("sale", { perSecond: 20, seconds: 5 });
    await quiet(0);
    expect(await doors().open()).toBe(0);
    await shop().apply(growing(range));
    await quiet(1);
  }, 600_000);
}
