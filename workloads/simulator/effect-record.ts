import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { eventOf, maxEvents } from "./event.ts";
import type { Kind, OperationRequest } from "./operation-request.ts";

/** What is known of a key. `captured`, `refunded` and `closed` are what later operations did to a charge or an authorization. */
export type StoredOperation = OperationRequest & {
  readonly state: "tried" | "pending" | "succeeded" | "declined";
  readonly code: string | null;
  readonly fee: number;
  /** Calls of this key that had no effect. */
  readonly tries: number;
  readonly captured: number;
  readonly refunded: number;
  readonly closed: 0 | 1;
};

/** How often money moved for a key, counted from one row for each time that it did. */
export type Effect = { key: string; operation: Kind; count: number; amount: number; currency: string; at: string };

/** What a provider remembers, kept over its restarts and its death. */
export type EffectRecord = {
  operation(key: string): StoredOperation | undefined;
  /** Runs writes within the transaction of this turn of the event loop. If one throws, nothing of the turn is kept. */
  write(writes: (tx: EffectWriter) => void): void;
  /** Calls back when all that was written up to now is kept, or with the error because of which nothing of it is. */
  whenKept(callback: (error?: Error) => void): void;
  /** A key once, at its first effect, in order; `next` is the cursor that goes on, null at the end. */
  effects(cursor: number, limit: number): { effects: Effect[]; next: number | null };
  effectOf(key: string): Effect | undefined;
  /** What is to be told now, the oldest first. */
  dueEvents(at: number, limit: number): DueEvent[];
  setting(name: string): string | undefined;
  close(): void;
};
export type EffectWriter = {
  /** One row for each time that money moved; nothing here makes it one for each key: that is what the caller must prove. */
  moved(operation: StoredOperation, at: number): void;
  put(operation: StoredOperation): void;
  /** Tells of an operation that has ended, as soon as somebody sends events. Who is told of too much at once is told of the newest. */
  event(operation: StoredOperation, at: number): void;
  /** It was told, or it is given up. */
  forgetEvent(seq: number): void;
  /** It is to be told again at a later time. */
  putOffEvent(seq: number, at: number): void;
  setting(name: string, value: string): void;
};

/** `tries`: how often it was tried before. */
export type DueEvent = { readonly seq: number; readonly id: string; readonly body: string; readonly tries: number };

const schema = `
create table if not exists operations (
  key text primary key, kind text not null, amount integer not null, currency text not null, token text, parentReference text,
  state text not null, code text, fee integer not null, tries integer not null,
  captured integer not null, refunded integer not null, closed integer not null, reference text
) strict, without rowid;
create table if not exists effects (
  seq integer primary key, key text not null, operation text not null, amount integer not null, currency text not null, at integer not null
) strict;
create index if not exists effects_by_key on effects (key);
create table if not exists events (seq integer primary key, id text not null, body text not null, tries integer not null, due integer not null) strict;
create table if not exists settings (name text primary key, value text not null) strict, without rowid;`;

// A write that SQLite handed to the kernel outlives SIGKILL; only the machine's own death would need `synchronous`.
// Exclusive: two simulators on one folder would each be half a judge. The page cache is held to 16 MB; the file grows with what it records.
const settings = "pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = off; pragma cache_size = -16000;";

const effectColumns = `key, operation, (select count(*) from effects same where same.key = e.key) as count, amount, currency,
  strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') as at`;

/** Opens the record of a folder, which is made if need be. Throws with the way out when it is in use or not a record. */
export function openEffectRecord(folder: string): EffectRecord {
  const db = open(folder);
  const find = db.prepare("select * from operations where key = ?");
  const put = db.prepare("insert or replace into operations values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  const moved = db.prepare("insert into effects (key, operation, amount, currency, at) values (?, ?, ?, ?, ?)");
  const list = db.prepare(`select seq, ${effectColumns} from effects e
    where seq > ? and not exists (select 1 from effects earlier where earlier.key = e.key and earlier.seq < e.seq) order by seq limit ?`);
  const one = db.prepare(`select ${effectColumns} from effects e where key = ? order by seq limit 1`);
  const nextEvent = db.prepare("select coalesce(max(seq), 0) + 1 as seq from events");
  const putEvent = db.prepare("insert into events values (?, ?, ?, 0, ?)");
  const dropEvent = db.prepare("delete from events where seq = ?");
  const delayEvent = db.prepare("update events set tries = tries + 1, due = ? where seq = ?");
  const dueEvents = db.prepare("select seq, id, body, tries from events where due <= ? order by seq limit ?");
  const getSetting = db.prepare("select value from settings where name = ?");
  const putSetting = db.prepare("insert or replace into settings values (?, ?)");
  const [begin, commit] = [db.prepare("begin"), db.prepare("commit")];

  const writer: EffectWriter = {
    moved: (it, at) => moved.run(it.key, it.kind, it.amount, it.currency, at),
    put: (it) =>
      put.run(
        ...[it.key, it.kind, it.amount, it.currency, it.token, it.parentReference, it.state, it.code, it.fee, it.tries],
        ...[it.captured, it.refunded, it.closed, it.reference],
      ),
    event(it, at) {
      const { seq } = nextEvent.get() as { seq: number };
      const event = eventOf(it, at);
      putEvent.run(seq, event.id, JSON.stringify(event), at);
      dropEvent.run(seq - maxEvents);
    },
    forgetEvent: (seq) => dropEvent.run(seq),
    putOffEvent: (seq, at) => delayEvent.run(at, seq),
    setting: (name, value) => putSetting.run(name, value),
  };

  let turn: { waiting: ((error?: Error) => void)[]; error: Error | undefined } | undefined;
  function endTurn(): void {
    if (!turn) return;
    const { waiting, error } = turn;
    turn = undefined;
    const failure = error ?? attempt(() => commit.run());
    if (failure && db.isTransaction) db.exec("rollback");
    for (const callback of waiting) callback(failure);
  }

  return {
    operation: (key) => find.get(key) as StoredOperation | undefined,
    write(writes) {
      if (!turn) {
        turn = { waiting: [], error: attempt(() => begin.run()) };
        setImmediate(endTurn); // after all requests that this poll of the sockets brought: one commit for them together
      }
      turn.error ??= attempt(() => writes(writer));
    },
    whenKept(callback) {
      if (turn) turn.waiting.push(callback);
      else callback();
    },
    effects(cursor, limit) {
      const rows = list.all(cursor, limit + 1) as (Effect & { seq: number })[];
      const page = rows.slice(0, limit);
      return { effects: page.map(({ seq: _, ...effect }) => effect), next: rows.length > limit ? page.at(-1)!.seq : null };
    },
    effectOf: (key) => one.get(key) as Effect | undefined,
    dueEvents: (at, limit) => dueEvents.all(at, limit) as DueEvent[],
    setting: (name) => (getSetting.get(name) as { value: string } | undefined)?.value,
    close() {
      endTurn();
      db.close();
    },
  };
}

function open(folder: string): DatabaseSync {
  const file = join(folder, "effects.sqlite");
  try {
    mkdirSync(folder, { recursive: true });
    const db = new DatabaseSync(file);
    db.exec(settings);
    db.exec(schema);
    if (!db.prepare("select 1 from pragma_table_info('operations') where name = 'reference'").get())
      db.exec("alter table operations add column reference text"); // a record of an earlier version
    return db;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const wayOut = /locked|busy/.test(why)
      ? "another simulator uses this folder: stop it, or give this one another DATA"
      : "move the file away to begin with an empty record, or give another DATA";
    throw new Error(`cannot open the simulator's record ${file}: ${why}; ${wayOut}`, { cause });
  }
}

function attempt(action: () => void): Error | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
