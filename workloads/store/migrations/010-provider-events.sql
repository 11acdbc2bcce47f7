-- What providers told of their own accord, so that each event is looked into once. Whom it is about is asked of the provider.
create table satang.provider_events (
  provider text not null,
  event_id text not null check (length(event_id) between 1 and 255),
  type text not null check (length(type) between 1 and 100),
  reference text check (length(reference) <= 255), -- as the provider repeated it: perhaps nothing that we ever said
  received_at timestamptz not null default now(),
  primary key (provider, event_id)
);
create index provider_events_received on satang.provider_events (received_at); -- what is old enough to be forgotten

grant select, insert on satang.provider_events to satang_api;
grant select, delete on satang.provider_events to satang_dispatcher;
grant update (due_at) on satang.operations to satang_api;
