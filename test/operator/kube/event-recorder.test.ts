import { expect, test } from "vitest";
import { eventRecorder } from "../../../operator/kube/event-recorder.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { aConfigMap, sharedApiServer } from "./shared-api-server.ts";

const lost = {
  type: "Warning",
  reason: "SecretMissing",
  message: "Secret shop-stripe has no key apiKey; create it, no restart needed",
} as const;

onOwnNode("an event", () => {
  const { server, kube } = sharedApiServer();
  const recorder = (troubles: Error[] = []) =>
    eventRecorder(kube(), { controller: "satang.dev/operator", instance: "trial-0", onTrouble: (error) => troubles.push(error) });

  test("is what `kubectl describe` tells of an object; the same again, also by the next process, is one with a count", async () => {
    const shop = await kube().create(aConfigMap("shop"));
    const first = recorder();
    for (let i = 0; i < 50; i++) first.record(shop, lost);
    first.record(shop, { type: "Normal", reason: "Mended", message: "all is well" });
    await first.flush();
    const next = recorder();
    next.record(shop, lost);
    await next.flush();

    const events = await kube().list("Event", { namespace: "trial" });
    const told = await server().kubectl("describe", "configmap", "shop", "--namespace", "trial");

    expect(events.map(({ reason, series }) => [reason, series?.count]).toSorted()).toEqual([
      ["Mended", undefined],
      ["SecretMissing", 2],
    ]);
    expect(told).toMatch(/Warning\s+SecretMissing .*satang.dev\/operator\s+Secret shop-stripe has no key apiKey/);
  });

  test("may be about what is in no namespace, and as long as it likes", async () => {
    const namespace = (await kube().get("Namespace", { name: "trial" }))!;
    const own = recorder();
    own.record(namespace, { ...lost, message: "สตางค์".repeat(1000) });
    await own.flush();

    const [event] = await kube().list("Event", { namespace: "default", fieldSelector: "regarding.kind=Namespace" });

    expect(event!.note!.startsWith("สตางค์สตางค์")).toBe(true);
  });

  test("that cannot be written is lost, and hurts nobody", async () => {
    const troubles: Error[] = [];
    const own = recorder(troubles);

    own.record({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "shop", namespace: "gone", uid: "1" } }, lost);
    await own.flush();

    expect(troubles.map(({ message }) => message)).toEqual([expect.stringContaining("event SecretMissing is lost: namespaces")]);
  });
});
