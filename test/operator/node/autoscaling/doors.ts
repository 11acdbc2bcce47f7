import type { Cluster } from "../../../cluster/cluster.ts";
import { eventually } from "../../../cluster/eventually.ts";
import { judge, openOperations, type Verdict } from "../../../workloads/crash/judge.ts";
import type { Shop } from "../shop.ts";

/** Ways into the parts of a shop from the test's own process. */
export interface Doors extends AsyncDisposable {
  readonly apiUrl: string;
  /** As the owner of the database. */
  readonly databaseUrl: string;
  readonly simulatorUrl: string;
  readonly secretKey: string;
  /** Sets how the provider behaves from now on. */
  behaviour(behaviour: object): Promise<void>;
  /** Operations that have not ended. */
  open(): Promise<number>;
  /** Judges from the rows and from the provider's own count, once every operation has ended, and prints what it is. */
  verdict(accepted: ReadonlyMap<string, string>): Promise<Verdict>;
}

export async function openDoors(cluster: Cluster, shop: Shop): Promise<Doors> {
  const { namespace } = shop;
  const secret = async (name: string, key: string) => Buffer.from((await shop.get("secret", name)).data[key], "base64").toString();
  const api = await cluster.node.forward((await shop.get("service", "shop-api")).spec.clusterIP, 80); // as long as this shop lives
  const database = await cluster.forward({ namespace, name: "shop-postgres-primary" }, 5432);
  const simulator = await cluster.forward({ namespace, name: "shop-simulator" }, 4010);
  const databaseUrl = `postgres://satang:${await secret("shop-postgres", "owner")}@${database.address}/satang?sslmode=no-verify`;
  const simulatorUrl = `http://${simulator.address}`;
  return {
    apiUrl: `http://${api.address}`,
    databaseUrl,
    simulatorUrl,
    secretKey: await secret("shop-credentials", "secretKey"),
    async behaviour(behaviour) {
      const headers = { "content-type": "application/json" };
      const asked = () => fetch(`${simulatorUrl}/v1/behaviour`, { method: "PUT", headers, body: JSON.stringify(behaviour) });
      const answer = await eventually(asked, { withinSeconds: 10 }); // a pod that is ready is known to the node's proxy a second later
      if (!answer.ok) throw new Error(`the simulator answers ${answer.status}`);
    },
    open: () => openOperations(databaseUrl),
    async verdict(accepted) {
      const verdict = await judge({ databaseUrl, simulatorUrl, accepted });
      const { lost, doubled, succeeded, faults } = verdict;
      console.log(
        `${verdict.accepted} payments accepted: ${lost} lost, ${doubled} doubled, ${succeeded} succeeded, ${faults.length} faults`,
      );
      return verdict;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([api, database, simulator].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}
