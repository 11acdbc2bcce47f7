import type { AccessStore, AuditRecord } from "./access.ts";
import type { Position } from "./position.ts";
import type { ProviderEventStore } from "./provider-events.ts";
import type { Shards } from "./shards.ts";
import type { Store, Tenant } from "./store.ts";
import type { WebhookStore } from "./webhooks.ts";

type MerchantsWebhooks = Omit<WebhookStore, "claim" | "record" | "forgetOld">;

/** What merchants ask of the store. Each call goes to the one shard that holds the merchant's bucket, and fails only with that one. */
export type MerchantStore = Pick<Store, "accept" | "replayed" | "payment" | "idempotencyKey" | "acceptFollowUp" | "followUp" | "access"> & {
  readonly webhooks: MerchantsWebhooks;
  readonly providerEvents: Pick<ProviderEventStore, "record">;
  /** How far the history of his shard has come. */
  position(tenant: Tenant): Promise<Position>;
};

export function merchantStore(shards: Shards): MerchantStore {
  function at<T>({ bucket }: { readonly bucket: number }, use: (store: Store) => Promise<T>): Promise<T> {
    const known = shards.known(bucket);
    return known === undefined ? shards.shardOf(bucket).then((shard) => use(shards.all[shard]!)) : use(shards.all[known]!);
  }
  const [first] = shards.all;

  return {
    accept: (request) => at(request, (store) => store.accept(request)),
    replayed: (request) => at(request, (store) => store.replayed(request)),
    payment: (tenant, id) => at(tenant, (store) => store.payment(tenant, id)),
    idempotencyKey: (tenant, key) => at(tenant, (store) => store.idempotencyKey(tenant, key)),
    acceptFollowUp: (request) => at(request, (store) => store.acceptFollowUp(request)),
    followUp: (tenant, id) => at(tenant, (store) => store.followUp(tenant, id)),
    position: (tenant) => at(tenant, (store) => store.position()),
    access: { ...first.access, auditLog: auditLog(shards) },
    webhooks: {
      createEndpoint: (tenant, ...rest) => at(tenant, ({ webhooks }) => webhooks.createEndpoint(tenant, ...rest)),
      endpoint: (tenant, ...rest) => at(tenant, ({ webhooks }) => webhooks.endpoint(tenant, ...rest)),
      endpoints: (tenant) => at(tenant, ({ webhooks }) => webhooks.endpoints(tenant)),
      changeEndpoint: (tenant, ...rest) => at(tenant, ({ webhooks }) => webhooks.changeEndpoint(tenant, ...rest)),
      deleteEndpoint: (tenant, ...rest) => at(tenant, ({ webhooks }) => webhooks.deleteEndpoint(tenant, ...rest)),
      rotateSecret: (tenant, ...rest) => at(tenant, ({ webhooks }) => webhooks.rotateSecret(tenant, ...rest)),
      resend: (tenant, ...rest) => at(tenant, ({ webhooks }) => webhooks.resend(tenant, ...rest)),
      resendFailed: (tenant, ...rest) => at(tenant, ({ webhooks }) => webhooks.resendFailed(tenant, ...rest)),
    },
    providerEvents: {
      // A provider names the operation each time that it tells of it, so a repeat comes to the shard that knows it.
      record: (event) =>
        event.operation ? at(event.operation, (store) => store.providerEvents.record(event)) : first.providerEvents.record(event),
    },
  };
}

/** Changes of merchants and keys were recorded on shard 0, those of webhooks where the merchant lives: the admin sees them as one. */
function auditLog({ all, shardOf }: Shards): AccessStore["auditLog"] {
  return async (page) => {
    const his = page.merchant && (await shardOf(page.merchant.bucket).catch(() => 0)); // of one that is nowhere, shard 0 has nothing either
    const asked = his === null ? all : new Set([all[0], all[his]!]);
    const found = await Promise.all([...asked].map((store) => store.access.auditLog(page)));
    return found.length === 1 ? found[0]! : found.flat().toSorted(newestFirst).slice(0, page.limit);
  };
}

const newestFirst = (a: AuditRecord, b: AuditRecord): number => (a.id < b.id ? 1 : -1);
