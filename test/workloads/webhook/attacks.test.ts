import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isPublic } from "../../../workloads/webhook/is-public.ts";
import { lookup } from "../../../workloads/webhook/lookup.ts";
import { poster } from "../../../workloads/webhook/post.ts";
import type { TestSystem } from "../../support/system.ts";
import { forbidden } from "./forbidden-addresses.ts";
import { type NameServer, nameServer } from "./name-server.ts";
import { answers, receiver } from "./receiver.ts";
import { anEndpoint, deliveries, paid, startTelling } from "./told.ts";

let names: NameServer;
let system: TestSystem;
beforeAll(async () => {
  names = await nameServer();
  const closed = { WEBHOOKS_ALLOW_PRIVATE_ADDRESSES: "false" };
  system = await startTelling({ env: { api: closed, worker: { ...closed, WEBHOOK_DNS_SERVERS: names.address } } });
});
afterAll(async () => {
  await system[Symbol.asyncDispose]();
  await names[Symbol.asyncDispose]();
});

describe("an address", () => {
  test.each(forbidden)("%s is not of the public internet: %s", (address) => {
    expect(isPublic(address)).toBe(false);
  });

  test.each(["1.1.1.1", "93.184.215.14", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"])("%s is", (address) => {
    expect(isPublic(address)).toBe(true);
  });
});

describe("an endpoint", () => {
  const inUrl = (address: string): string => (address.includes(":") ? `[${address}]` : address);
  const urls = [
    ...forbidden.map(([address]) => `http://${inUrl(address)}/`),
    ...["http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://169.254.169.254.:80/latest/meta-data"],
    ...["http://localhost:4000/", "http://LOCALHOST./", "http://a.localhost/"],
    ...["http://user:secret@shop.example/", "http://user@shop.example/", "http://shop.example/#part"],
    ...[
      "ftp://shop.example/",
      "file:///etc/passwd",
      "gopher://shop.example/",
      "javascript:alert(1)",
      "//shop.example/",
      "shop.example",
      "",
    ],
    ...["http://shop.example:22/", "http://shop.example:25/", "http://shop.example:0/", `http://shop.example/${"x".repeat(2048)}`],
  ];

  test.each(urls)("cannot lead to %s", async (url) => {
    const { status, body } = await system.send("POST", "/v1/webhook-endpoints", { body: { url } });

    expect({ status, code: body.code, param: body.param }).toEqual({ status: 400, code: "parameter_invalid", param: "url" });
    expect(body.detail).toMatch(/^url must be (an http or https URL|a URL) /);
  });

  test("cannot be led there later either", async () => {
    const merchant = await system.newMerchant();
    const { path } = await anEndpoint(system, merchant, { url: "https://shop.example/" });

    expect((await system.send("PATCH", path, { merchant, body: { url: "http://10.0.0.1/" } })).status).toBe(400);
    expect((await system.get(path, { merchant })).body.url).toBe("https://shop.example/");
  });
});

describe("a name that leads into our network", () => {
  test.each([
    ["private.example", ["10.1.2.3"], "is not public"],
    ["metadata.example", ["169.254.169.254"], "is not public"],
    ["mapped.example", ["::ffff:127.0.0.1"], "is not public"],
    ["six.example", ["::1"], "is not public"],
    ["mixed.example", ["1.1.1.1", "127.0.0.1"], "is not public"], // one of them is enough
    ["nobody.example", undefined, "was not found"],
  ])("%s is not followed", async (name, addresses, reason) => {
    await using server = await receiver();
    if (addresses) names.set(name, addresses);
    const merchant = await system.newMerchant();
    const endpoint = await anEndpoint(system, merchant, { url: `http://${name}:${server.port}/` });
    await paid(system, merchant);
    await system.until(async () => (await deliveries(system, merchant, endpoint))[0]?.attempts.length > 0, "tried");

    const [{ attempts }] = await deliveries(system, merchant, endpoint);
    expect(attempts[0]).toMatchObject({ status_code: null, error: expect.stringContaining(reason) });
    expect(names.asked(name)).toBeGreaterThan(0);
    expect(server.got).toEqual([]);
  });

  test("is looked at again for each try: one that changes its mind leads nowhere", async () => {
    await using server = await receiver();
    // not public, each in its own way, at every look
    names.set("turning.example", ["10.0.0.1"], ["127.0.0.1"], ["::1"], ["169.254.169.254"], ["127.0.0.1"]);
    const merchant = await system.newMerchant();
    const endpoint = await anEndpoint(system, merchant, { url: `http://turning.example:${server.port}/` });
    await paid(system, merchant);
    await system.until(async () => (await deliveries(system, merchant, endpoint))[0]?.attempts.length >= 4, "tried four times");

    expect(names.asked("turning.example")).toBeGreaterThanOrEqual(4);
    expect(server.got).toEqual([]);
  });

  test("cannot be given between the check and the connection: what was checked is what is connected to", async () => {
    await using checked = await receiver(answers(200), { host: "127.0.0.1" });
    await using other = await receiver(answers(200), { host: "127.0.0.2", port: checked.port });
    names.set("rebinding.example", ["127.0.0.1"], ["127.0.0.2"]);
    const { post, close } = poster({ lookup: lookup({ allowPrivate: true, servers: [names.address] }), timeoutSeconds: 5 });

    const heard = await post({ url: `http://rebinding.example:${checked.port}/`, headers: {}, body: "{}" });
    await close();

    expect(heard).toMatchObject({ kind: "answer", statusCode: 200 });
    expect(names.asked("rebinding.example")).toBe(1);
    expect(checked.got.map(({ headers }) => headers.host)).toEqual([`rebinding.example:${checked.port}`]);
    expect(other.got).toEqual([]);
  });

  test("whose server never answers takes no longer than a try may", async () => {
    names.set("silent.example");
    const { post, close } = poster({ lookup: lookup({ allowPrivate: false, servers: [names.address] }), timeoutSeconds: 1 });

    const heard = await post({ url: "http://silent.example/", headers: {}, body: "{}" });
    await close();

    expect(heard).toEqual({ kind: "no answer", reason: "no answer in 1 s" });
  });
});
