import { describe, expect, test } from "vitest";
import { readSentinelUrl } from "../../../workloads/contract.ts";
import { aGiven, objectsOf, podSpecsOf } from "./given.ts";

const urlOf = (spec: object): string => {
  const containers = podSpecsOf(objectsOf(aGiven(spec))).flatMap(({ containers }) => containers);
  return containers.find(({ name }) => name === "api").env.find(({ name }: { name: string }) => name === "REDIS_URL").value;
};
const memberOf = (spec: object) =>
  podSpecsOf(objectsOf(aGiven(spec))).find(({ serviceAccountName }) => serviceAccountName === "shop-redis");

describe("Redis", () => {
  test("of several members is asked for by the names of their Sentinels, in words that a client reads", () => {
    expect(readSentinelUrl(urlOf({ redis: { replicas: 3 } }))).toEqual({
      sentinels: [0, 1, 2].map((ordinal) => ({ host: `shop-redis-${ordinal}.shop-redis`, port: 26_379 })),
      name: "satang",
      username: "satang",
      password: "$(REDIS_PASSWORD)",
    });
  });

  test("of several members has a Sentinel beside each server, which starts before it and ends after it", () => {
    const { initContainers, containers } = memberOf({ redis: { replicas: 3 } });

    expect(initContainers).toMatchObject([{ name: "sentinel", restartPolicy: "Always" }]);
    expect(initContainers[0].securityContext).toEqual(containers[0].securityContext);
    expect(containers[0].lifecycle.preStop.exec.command).toEqual(["/usr/local/lib/satang/hand-over.sh"]);
  });

  test("of one member is a server alone", () => {
    expect(urlOf({ redis: { replicas: 1 } })).toBe("redis://satang:$(REDIS_PASSWORD)@shop-redis:6379");
    expect(memberOf({ redis: { replicas: 1 } }).initContainers).toBeUndefined();
  });
});
