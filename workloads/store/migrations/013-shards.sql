-- Which shard holds the merchants of a bucket. Shard 0 keeps it for all; on the others it is empty. A bucket that was placed stays where it is.
create table satang.bucket_shards (
  bucket satang.bucket primary key,
  shard smallint not null check (shard between 0 and 63)
);

-- One row. The epoch grows with every change, so that whoever remembers `bucket_shards` can tell whether he is behind.
create table satang.directory (
  only_row boolean primary key default true check (only_row),
  epoch bigint not null default 0
);
insert into satang.directory default values;

-- One row, once it was said: which shard this database is. A process that was given URLs in another order is refused by it.
create table satang.this_shard (
  only_row boolean primary key default true check (only_row),
  number smallint not null check (number between 0 and 63)
);

-- Places a merchant's bucket with him: on the shard that has fewest buckets, of those that who makes him knows. Who says nothing knows shard 0,
-- as does every process of a version before this one.
create function satang.place_bucket() returns trigger language plpgsql security definer set search_path = '' as $$
declare known_shards int := coalesce(nullif(pg_catalog.current_setting('satang.shards', true), ''), '1')::int;
begin
  perform from satang.bucket_shards where bucket = new.bucket;
  if found then return new; end if;
  update satang.directory set epoch = epoch + 1; -- whose lock places one bucket after the other
  insert into satang.bucket_shards (bucket, shard)
    select new.bucket, s from pg_catalog.generate_series(0, known_shards - 1) as s
    order by (select pg_catalog.count(*) from satang.bucket_shards b where b.shard = s), s limit 1
    on conflict do nothing;
  return new;
end $$;
revoke execute on function satang.place_bucket() from public;
create trigger placed before insert on satang.merchants for each row execute function satang.place_bucket();

-- After the trigger, whose lock on the table keeps new merchants out until this commit.
insert into satang.bucket_shards (bucket, shard) select distinct bucket, 0 from satang.merchants;

grant select on satang.bucket_shards, satang.directory, satang.this_shard to satang_api, satang_worker, satang_dispatcher;
