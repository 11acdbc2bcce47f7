import type { ObjectOf } from "../../../operator/kube/kinds.ts";
import type { Kube } from "../../../operator/kube/kube.ts";

/** What the API server took, in its own order: who was given the lead, and who acted. */
export interface Judge extends AsyncDisposable {
  acts: Act[];
  /** Holders one after another; "" when it was given back. A Lease that is deleted was the last holder's until somebody makes a new one. */
  holders: string[];
  /** Acts of somebody whom the Lease did not name at that moment, as text. */
  wrongs(): string[];
}
export interface Act {
  by: string;
  at: number;
}

/** Watches from now on. It counts by versions: they rise over all objects of one etcd, so that a Lease and an act can be told apart in time. */
export async function judge(kube: Kube): Promise<Judge> {
  const end = new AbortController();
  const watching = kube.under({ signal: end.signal, holds: () => true });
  const leases: { version: bigint; holder: string }[] = [];
  const acts: (Act & { version: bigint })[] = [];
  const versionOf = ({ metadata }: ObjectOf<"Lease"> | ObjectOf<"ConfigMap">) => BigInt(metadata.resourceVersion);
  const { value } = await kube.pages("Lease", { namespace: "trial" }).next();

  async function follow<K extends "Lease" | "ConfigMap">(kind: K, take: (object: ObjectOf<K>) => void): Promise<void> {
    const events = watching.watch(kind, { namespace: "trial", resourceVersion: value!.resourceVersion, seconds: 600 });
    for await (const event of events) if (event.type === "added" || event.type === "modified") take(event.object);
  }
  const following = Promise.allSettled([
    follow("Lease", (lease) => {
      leases.push({ version: versionOf(lease), holder: lease.spec?.holderIdentity ?? "" });
    }),
    follow("ConfigMap", (config) => {
      if (config.data?.by) acts.push({ version: versionOf(config), by: config.data.by, at: Number(config.data.at) });
    }),
  ]);
  return {
    acts,
    get holders() {
      return leases.map(({ holder }) => holder).filter((holder, i, all) => holder !== all[i - 1]);
    },
    wrongs: () =>
      acts.flatMap(({ version, by }) => {
        const holder = leases.findLast((lease) => lease.version < version)?.holder;
        return holder === by ? [] : [`${by} acted at ${version}, when the Lease was ${holder || "nobody"}'s`];
      }),
    async [Symbol.asyncDispose]() {
      end.abort();
      await following;
    },
  };
}
