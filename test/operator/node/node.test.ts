import { beforeAll } from "vitest";
import { onOwnNode, sharedCluster } from "../../cluster/cluster-tests.ts";
import { conditionTests } from "./conditions.ts";
import { deletionTests } from "./deletion.ts";
import { install, ourImages } from "./installed.ts";
import { rolloutTests } from "./rollout.ts";
import { smallestResourceTests } from "./smallest-resource.ts";
import { trafficTests } from "./traffic.ts";
import { troubledOperatorTests } from "./troubled-operator.ts";

// One node for all of these: each starts with what a user has after the installation.
onOwnNode("a PaymentSystem on a cluster", () => {
  const cluster = sharedCluster({ images: ourImages, enforcesPolicies: true });
  beforeAll(() => install(cluster()));

  smallestResourceTests(cluster);
  conditionTests(cluster);
  deletionTests(cluster);
  trafficTests(cluster);
  rolloutTests(cluster);
  troubledOperatorTests(cluster);
});
