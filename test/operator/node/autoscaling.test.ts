import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { burstTests } from "./autoscaling/burst.ts";
import { growingShop } from "./autoscaling/growing-shop.ts";
import { metricsTests } from "./autoscaling/metrics.ts";
import { rotationTests } from "./autoscaling/rotation.ts";
import { shrinkTests } from "./autoscaling/shrink.ts";
import { sourceGoneTests } from "./autoscaling/source-gone.ts";
import { uninstallTests } from "./autoscaling/uninstall.ts";
import { zeroTests } from "./autoscaling/zero.ts";

// The node syncs its autoscalers every 5 s, where a cluster's default is 15: so much sooner everything is here.
onOwnNode("worker pools follow their queues", () => {
  const shop = growingShop();

  metricsTests(shop);
  burstTests(shop);
  zeroTests(shop);
  sourceGoneTests(shop);
  rotationTests(shop);
  shrinkTests(shop);
  uninstallTests(shop); // the last: nothing is scaled after it
});
