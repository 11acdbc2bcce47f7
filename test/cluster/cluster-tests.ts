import { afterAll, beforeAll, describe } from "vitest";
import type { Image } from "./build/image.ts";
import { missing, thisMachine } from "./build/missing.ts";
import { type Cluster, startCluster } from "./cluster.ts";
import type { NodeOptions } from "./node/start-node.ts";

const lacking = missing(thisMachine()) !== undefined; // set-up.ts says what, once

/** Tests that need a cluster, whichever. */
export const onCluster = describe.skipIf(lacking);

/** Tests that cut, stop and kill: they need a node of our own. */
export const onOwnNode = describe.skipIf(lacking || Boolean(process.env.SATANG_TEST_KUBECONFIG));

/** One cluster for all tests of the `describe` in which this is called. */
export function sharedCluster({ images, ...options }: SharedOptions = {}): () => Cluster {
  let cluster: Cluster | undefined;
  beforeAll(async () => {
    cluster = await startCluster({ ...options, ...(images && { images: await images() }) });
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());
  return () => {
    if (!cluster) throw new Error("the cluster is there once the tests run");
    return cluster;
  };
}

/** As of a node; images are built once the tests run. */
type SharedOptions = Omit<NodeOptions, "images"> & { images?: () => Promise<Image[]> };
