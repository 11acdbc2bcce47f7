import { beforeAll } from "vitest";
import { onOwnNode, sharedCluster } from "../../cluster/cluster-tests.ts";
import { conditionTests } from "./conditions.ts";
import { deletionTests } from "./deletion.ts";
import { firstPaymentTests } from "./first-payment.ts";
import { install, ourImages } from "./installed.ts";
import { leaderTests } from "./leaders.ts";
import { outageTests } from "./outage.ts";
import { rightsTests } from "./rights.ts";
import { rolloutTests } from "./rollout.ts";

// One node for all of these: each starts with what a user has after the installation.
onOwnNode("a PaymentSystem on a cluster", () => {
  const cluster = sharedCluster({ images: ourImages });
  beforeAll(() => install(cluster()));

  firstPaymentTests(cluster);
  conditionTests(cluster);
  deletionTests(cluster);
  rolloutTests(cluster);
  rightsTests(cluster);
  leaderTests(cluster);
  outageTests(cluster);
});
