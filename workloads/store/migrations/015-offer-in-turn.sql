-- What the dispatcher and idle workers do while a queue is long: see store/offer-in-turn.ts. A function, for what it sets: `operations_in_turn` has each step
-- of the ring as its next entry, but to a planner whose statistics are of a time when nothing was open, reading all that is open by `operations_due` and
-- sorting it costs the same. To find 500 among 65,000 of a thousand merchants took five seconds so, in place of 20 ms.
create function satang.offer_in_turn(of_queue text, most int, visibility_seconds float8, from_merchant uuid, most_merchants int, share int)
returns table (merchants int, last uuid, bucket smallint, merchant_id uuid, id uuid, held boolean, stale boolean)
language plpgsql set enable_sort = off as $$
#variable_conflict use_column
begin
  return query
  with recursive ring(merchant, n) as (
    select (select uuid_send(merchant_id) from satang.operations where queue = of_queue and is_open and uuid_send(merchant_id) >= uuid_send(from_merchant) order by uuid_send(merchant_id) limit 1), 1
    union all
    select (select uuid_send(merchant_id) from satang.operations where queue = of_queue and is_open and uuid_send(merchant_id) > ring.merchant order by uuid_send(merchant_id) limit 1), n + 1
    from ring where ring.merchant is not null and n < most_merchants
  ), due as (
    select first.row from ring cross join lateral (
      select ctid as row from satang.operations
      where queue = of_queue and is_open and uuid_send(merchant_id) = ring.merchant and due_at <= now() order by uuid_send(merchant_id), due_at limit share for update skip locked
    ) as first limit most
  ), offered as (
    update satang.operations
    set due_at = case when lease_until > now() then lease_until else now() + visibility_seconds * interval '1 second' end
    where ctid = any(array(select row from due))
    returning bucket, merchant_id, id, coalesce(lease_until > now(), false) as held, lease_until is not null as stale
  )
  select look.merchants, look.last, offered.bucket::smallint, offered.merchant_id, offered.id, offered.held, offered.stale
  from (select max(n) as merchants, max(encode(merchant, 'hex'))::uuid as last from ring where merchant is not null) as look left join offered on true;
end $$;
grant execute on function satang.offer_in_turn to satang_dispatcher, satang_worker;
