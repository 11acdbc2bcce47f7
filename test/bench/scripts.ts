import { accept } from "../../workloads/store/accept.ts";
import { claim } from "../../workloads/store/claim.ts";
import { settle } from "../../workloads/store/settle.ts";

/** Whose payments pgbench makes. */
export type Payer = { bucket: number; merchantId: string };

/**
 * What pgbench cannot do by itself: ids that grow with time, as ours do. Random ones would touch the whole index and make pgbench slower
 * than it need be.
 */
export const helpers = `
create schema if not exists bench;
create or replace function bench.uuid7() returns uuid language sql volatile as $$
  select encode(set_byte(overlay(uuid_send(gen_random_uuid()) placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
    6, 112 | (random() * 15)::int), 'hex')::uuid
$$;
create or replace function bench.hash() returns bytea language sql immutable as $$ select sha256('one body') $$;`;

/** Our accept statement, a row at a time. */
export function acceptScript(payer: Payer): string {
  return `${key}${withValues(accept.text, acceptRow(payer))};\n`;
}

/** What a backend does without such a statement: a transaction of plain ones. */
export function transactionScript({ bucket, merchantId }: Payer): string {
  const tenant = `${bucket}, '${merchantId}'`;
  return `${key}select bench.uuid7() as payment, bench.uuid7() as operation \\gset
begin;
insert into satang.idempotency_keys (bucket, merchant_id, mode, key, request_hash, payment_id, request_id)
  values (${tenant}, 'test', 'bench-' || :a || '-' || :b, bench.hash(), :payment, 'req_bench') on conflict do nothing;
insert into satang.payments (bucket, merchant_id, id, mode, status, amount, currency, capture, method_type, provider, metadata)
  values (${tenant}, :payment, 'test', 'processing', 350, 'THB', 'automatic', 'card', 'simulator', '{}');
insert into satang.operations (bucket, merchant_id, id, payment_id, kind, queue, state, amount, currency, provider, method_token, due_at)
  values (${tenant}, :operation, :payment, 'charge', 'payments', 'queued', 350, 'THB', 'simulator', 'tok_visa', now() + interval '30 seconds');
commit;
`;
}

/** Accept, claim and settle by our statements, a row at a time: a whole payment without HTTP, provider or queue. */
export function wholeScript(payer: Payer): string {
  const ref = [`array[${payer.bucket}]`, `array['${payer.merchantId}']`, "array[:operation]"];
  const lines = [
    `array[${payer.bucket}, ${payer.bucket}, ${payer.bucket}, ${payer.bucket}]`,
    four(`'${payer.merchantId}'`),
    four(":operation"),
  ];
  const settled = [
    ...[
      ...ref,
      "array[1]",
      "array[:payment]",
      "array['succeeded']",
      "array['ch_bench']",
      "array[null]",
      "array['succeeded']",
      "array[350]",
      "array[0]",
    ],
    ...["array[bench.uuid7()]", "array['payment.succeeded']", "array[null]", ...lines, "array[0, 1, 2, 3]"],
    ...[
      "array['provider.receivable' || chr(58) || 'simulator', 'merchant.pending', 'merchant.pending', 'provider.receivable' || chr(58) || 'simulator']",
      four("'THB'"),
      "array[350, -350, 6, -6]",
      four("false"),
    ],
  ];
  return `${key}select bench.uuid7() as payment, bench.uuid7() as operation \\gset
${withValues(accept.text, acceptRow(payer, ":payment", ":operation"))};
${withValues(claim.text, [...ref, "30"])};
${withValues(settle.text, settled)};
`;
}

const key = "\\set a random(1, 1000000000)\n\\set b random(1, 1000000000)\n";
const four = (value: string): string => `array[${value}, ${value}, ${value}, ${value}]`;

function acceptRow({ bucket, merchantId }: Payer, payment = "bench.uuid7()", operation = "bench.uuid7()"): string[] {
  const row = [
    ...[`${bucket}`, `'${merchantId}'`, "'test'", "'bench-' || :a || '-' || :b", "bench.hash()", "'req_bench'", payment, operation, "350"],
    ...["'THB'", "'automatic'", "'card'", "'tok_visa'", "'simulator'", "null", "'{}'", "'charge'", "30"],
  ];
  return row.map((value) => `array[${value}]`);
}

// A statement's own text with its parameters written out. From the last to the first, for $1 begins $10 too.
function withValues(text: string, values: readonly string[]): string {
  const oneLine = text.replaceAll(/--.*$/gm, "").replaceAll(/\s+/g, " ").trim();
  return values.reduceRight((sql, value, i) => sql.replaceAll(`$${i + 1}`, value), oneLine);
}
