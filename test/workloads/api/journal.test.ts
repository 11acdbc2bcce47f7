import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { needProgram } from "../../support/debian-package.ts";
import { type Served, serve } from "./served.ts";
import { coffee, type Shop } from "./shop.ts";

let served: Served;
beforeAll(async () => {
  needProgram({ names: ["hledger"], debian: "hledger", why: "these tests give our books to hledger" });
  served = await serve();
}, 300_000);
afterAll(() => served[Symbol.asyncDispose]());

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
const wait = { headers: { prefer: "wait=20" } };

/** What hledger says to a journal; throws what it complains of. */
function hledger(journal: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("hledger", ["-f", "-", ...args], {
    input: journal,
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8" },
  });
  if (status !== 0) throw new Error(stderr || stdout);
  return stdout;
}

async function journalOf(shop: Shop, query = `from=${day(-1)}&to=${day(1)}`): Promise<string> {
  const answer = await shop.ask(`/v1/ledger.journal?${query}`);
  expect(`${answer.status} ${answer.headers.get("content-type")}`).toBe("200 text/plain; charset=utf-8");
  return answer.text;
}

type Line = { account: string; currency: string; amount: number };

const digits: { readonly [currency: string]: number } = { THB: 2, JPY: 0, KWD: 3 };
const inUnits = (amount: number, currency: string): string => (amount / 10 ** digits[currency]!).toFixed(digits[currency]);

function balancesOf(csv: string): Map<string, string> {
  const [, ...lines] = csv
    .trim()
    .split("\n")
    .map((line) => line.replaceAll('"', "").split(","));
  return new Map(lines.map(([account, currency, amount]) => [`${account} ${currency}`, amount!]));
}

async function busyShop(): Promise<Shop> {
  const shop = await served.shop();
  await shop.pay({ ...coffee, reference: "order-17; drop | table,\nnext" }, { key: "a", ...wait });
  await shop.pay({ ...coffee, amount: 1, currency: "JPY" }, { key: "b", ...wait });
  await shop.pay({ ...coffee, amount: 1_234_567, currency: "KWD", reference: "ร้านกาแฟ" }, { key: "c", ...wait });
  await shop.pay({ ...coffee, method: { type: "card", token: "tok_declined" } }, { key: "d", ...wait });
  return shop;
}

describe("the journal", () => {
  test("passes hledger check --strict, and hledger's balances are ours", async () => {
    const shop = await busyShop();

    const journal = await journalOf(shop);
    const balance = await shop.ask("/v1/balance");
    expect(`${balance.status} ${balance.text}`).toMatch(/^200 /);
    const { accounts } = balance.body;

    hledger(journal, "check", "--strict", "ordereddates");
    const theirs = balancesOf(hledger(journal, "balance", "--flat", "--layout=bare", "--output-format=csv", "--no-total"));
    const ours = accounts.map(({ account, currency, amount }: Line) => [`${account} ${currency}`, inUnits(amount, currency)]);
    expect(theirs).toEqual(new Map(ours.filter(([, amount]: [string, string]) => Number(amount) !== 0)));
    expect(accounts.length).toBeGreaterThanOrEqual(6);
  });

  test("reads as people write books: what, for which payment, under which reference", async () => {
    const shop = await busyShop();

    const journal = await journalOf(shop);

    expect(journal).toContain("commodity 1000.00 THB\n");
    expect(journal).toContain("account provider.receivable:simulator  ; type:A\n");
    expect(journal).toMatch(
      /\n\d{4}-\d\d-\d\d \* \(op_\w+\) charge of pay_\w+ {2}; time:\S+, payment:pay_\w+, reference:order-17 drop table next\n {4}provider\.receivable:simulator {2}350\.00 THB\n/,
    );
    expect(hledger(journal, "print", "tag:reference=ร้านกาแฟ")).toContain("1234.567 KWD");
  });

  test("opens with what was before, so that any period ends with the right balances", async () => {
    const shop = await busyShop();
    await asSuperuser("update satang.ledger_entries set created_at = created_at - interval '10 days' where merchant_id = $1", shop);
    await shop.pay(coffee, { key: "later", ...wait });

    const old = await journalOf(shop, `from=${day(-20)}&to=${day(-5)}`);
    const recent = await journalOf(shop);
    const between = await journalOf(shop, `from=${day(-5)}&to=${day(-3)}&time_zone=Asia/Bangkok`);

    for (const journal of [old, recent, between]) hledger(journal, "check", "--strict", "ordereddates");
    expect(old).not.toContain("opening balances");
    expect(recent.match(/charge of/g)).toHaveLength(1);
    expect(between).not.toContain("charge of");
    expect(hledger(recent, "balance", "--flat", "cur:JPY", "merchant.pending")).toContain("-1 JPY");
  });

  test("is refused by hledger as soon as one satang of it is changed", async () => {
    const journal = await journalOf(await busyShop());

    expect(() => hledger(journal.replace("350.00 THB", "350.01 THB"), "check", "--strict")).toThrow();
    expect(() => hledger(journal.replaceAll("merchant.pending  -350.00", "merchant.pendin  -350.00"), "check", "--strict")).toThrow();
  });

  test("of a merchant who has none is empty, and right", async () => {
    const journal = await journalOf(await served.shop());

    expect(journal.split("\n")).toHaveLength(2);
    hledger(journal, "check", "--strict");
  });

  test("comes in pieces, and whole, also when it is long", async () => {
    const shop = await served.shop();
    await shop.pay(coffee, { key: "a", ...wait });
    await asSuperuser(
      `with made as (
         insert into satang.operations (bucket, merchant_id, id, payment_id, kind, queue, state, amount, currency, provider, due_at)
         select bucket, merchant_id, gen_random_uuid(), payment_id, kind, queue, state, 100, currency, provider, now()
         from satang.operations, generate_series(1, 3000) where merchant_id = $1 returning *)
       insert into satang.ledger_entries (bucket, merchant_id, operation_id, line, account, currency, amount)
       select bucket, merchant_id, id, line, account, 'THB', sign * 100
       from made, (values (0, 'provider.receivable:simulator', 1), (1, 'merchant.pending', -1)) as l(line, account, sign)`,
      shop,
    );

    const journal = await journalOf(shop);

    hledger(journal, "check", "--strict");
    expect(journal.match(/charge of/g)).toHaveLength(3_001);
  });

  test.each([
    [`from=${day(0)}`, "parameter_missing", "to"],
    [`from=${day(0)}&to=${day(0)}`, "parameter_invalid", "to"],
    [`from=${day(-400)}&to=${day(0)}`, "report_too_large", "to"],
    [`from=${day(-1)}&to=${day(0)}&time_zone=%2B07:00`, "parameter_invalid", "time_zone"],
    [`from=${day(-1)}&to=${day(0)}&time_zone=Mars/Olympus`, "parameter_invalid", "time_zone"],
    ["from=2026-02-30&to=2026-03-01", "parameter_invalid", "from"],
  ])("is refused for %s", async (query, code, param) => {
    const shop = await served.shop();

    expect(await shop.ask(`/v1/ledger.journal?${query}`)).toMatchObject({ status: 400, body: { code, param } });
  });
});

/** No trigger stops it. */
async function asSuperuser(sql: string, shop: Shop): Promise<void> {
  const client = await served.rows.connect();
  await client.query("begin; set local session_replication_role = replica");
  await client.query(sql, [shop.id]);
  await client.query("commit");
  client.release();
}
