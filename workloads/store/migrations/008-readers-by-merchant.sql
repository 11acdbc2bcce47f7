-- The readers' policy asks for the merchant alone. His bucket follows from him, so it kept nobody out, and working it out anew for each row
-- that a report looks up took a hundred times as long as the look-up.
create or replace procedure satang.keep_merchants_apart() language plpgsql as $$
declare tenants record;
begin
  for tenants in
    select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'merchant_id' and not a.attisdropped
    where c.relnamespace = 'satang'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity
  loop
    execute format('alter table satang.%I enable row level security', tenants.name);
    execute format('create policy servers on satang.%I to satang_api, satang_worker, satang_dispatcher using (true) with check (true)', tenants.name);
    execute format('create policy readers on satang.%I for select to satang_reader using (merchant_id = satang.current_merchant())', tenants.name);
    if tenants.name <> 'api_keys' then -- the owner's seed writes these
      execute format('alter table satang.%I force row level security', tenants.name);
    end if;
  end loop;
end $$;

do $$
declare name text;
begin
  for name in select tablename from pg_policies where schemaname = 'satang' and policyname = 'readers' and tablename <> 'merchants' loop
    execute format('alter policy readers on satang.%I using (merchant_id = satang.current_merchant())', name);
  end loop;
end $$;
