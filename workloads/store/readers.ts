import pg from "pg";
import { numbers } from "./database.ts";
import type { Position } from "./position.ts";
import { ReadRefused } from "./read-refused.ts";
import { beginRead, type ReadTransaction, readError, standingOf } from "./read-transaction.ts";
import { StoreUnavailable, type Tenant } from "./store.ts";

/**
 * What a read may cost, and how fresh it must be. A `big` one never goes to a primary that has replicas; a `small` one does when no replica
 * is fresh enough. `position`: nothing older than this.
 */
export type Wish = { readonly tenant: Tenant; readonly size: "small" | "big"; readonly position?: Position | undefined };

export type ReadersOptions = {
  /** `postgres://` of the primary. The login must be allowed to take the role satang_reader. */
  url: string;
  /** Of the replicas, each alike. None: everything is read from the primary. */
  replicaUrls: readonly string[];
  applicationName: string;
  onIdleError?: (error: Error) => void;
  onReplica?: (seen: { replica: number; lagSeconds: number }) => void;
};

/** Those who read what aggregates and lists, beside the store: other connections, another role, bounded in number and time. */
export interface Readers {
  /** Reads at one moment of one source; where a source fails half-way, once more at another. `use` must only read. */
  read<T>(wish: Wish, use: (tx: ReadTransaction) => Promise<T>): Promise<T>;
  /** For what is read bit by bit: the caller disposes of it. */
  open(wish: Wish): Promise<ReadTransaction>;
  close(): Promise<void>;
}

type Limits = { readonly maxLagSeconds: number; readonly statementSeconds: number; readonly atOnce: number };
const limits: { readonly [size in Wish["size"]]: Limits } = {
  small: { maxLagSeconds: 5, statementSeconds: 5, atOnce: 32 },
  big: { maxLagSeconds: 60, statementSeconds: 30, atOnce: 2 },
};
const connectionsOfSource = 4; // a primary has better to do, and a replica serves other processes too
const connectMs = 3_000;
const avoidMs = 5_000;
const leaveMs = 1_000;

type Source = { readonly number: number; readonly isReplica: boolean; readonly pool: pg.Pool; avoidUntil: number; leftAt: number };

/** Connections are made when first needed. Throws `StoreUnavailable` and `ReadRefused` where nobody can answer, or nobody fresh enough. */
export function openReaders({ url, replicaUrls, applicationName, onIdleError = () => {}, onReplica = () => {} }: ReadersOptions): Readers {
  const primary = source(url, -1);
  const replicas = replicaUrls.map(source);
  const open = { small: 0, big: 0 };

  function source(connectionString: string, number: number): Source {
    const pool = new pg.Pool({
      connectionString,
      max: connectionsOfSource,
      application_name: applicationName,
      connectionTimeoutMillis: connectMs,
      idleTimeoutMillis: 60_000,
      maxLifetimeSeconds: 1_800,
      keepAlive: true,
      query_timeout: 60_000,
      types: numbers,
    });
    pool.on("error", onIdleError); // without a listener an idle connection that breaks would end the process
    pool.on("connect", (client) => client.on("error", () => {})); // as would one in use, between two statements: the next one tells
    return { number, isReplica: number >= 0, pool, avoidUntil: 0, leftAt: Number.NEGATIVE_INFINITY };
  }

  // Any of the replicas, so that they share the work; one that has just failed comes last.
  function sourcesFor(size: Wish["size"]): Source[] {
    const now = performance.now();
    const shuffled = replicas.map((one) => ({ one, rank: (one.avoidUntil > now ? 1 : 0) + Math.random() }));
    const inOrder = shuffled.toSorted((a, b) => a.rank - b.rank).map(({ one }) => one);
    return size === "small" || replicas.length === 0 ? [...inOrder, primary] : inOrder;
  }

  async function openAt(at: Source, { tenant, size, position }: Wish): Promise<ReadTransaction> {
    const { number, isReplica, pool } = at;
    const client = await pool.connect().catch((error: unknown) => Promise.reject(readError(error)));
    try {
      const { standby, asOf, behind } = await standingOf(client, position);
      if (isReplica) onReplica({ replica: number, lagSeconds: asOf.lagSeconds });
      if (standby && !isReplica) throw new StoreUnavailable("the primary is a standby now");
      if (behind) throw new ReadRefused("behind", "the replica has not come as far as the Consistency-Token");
      const { maxLagSeconds, statementSeconds } = limits[size];
      if (asOf.lagSeconds > maxLagSeconds) throw new ReadRefused("behind", `the replica is ${asOf.lagSeconds.toFixed(1)} s behind`);
      return await beginRead(client, { tenant, asOf, statementSeconds });
    } catch (error) {
      client.release(!(error instanceof ReadRefused) || isLeftAlone(at));
      throw readError(error);
    }
  }

  /**
   * Behind one address may be several replicas: another connection may lead to one that is not behind, and this one never will. One a second, for where
   * there is no other replica every read would make a connection.
   */
  function isLeftAlone(at: Source): boolean {
    if (!at.isReplica || performance.now() - at.leftAt < leaveMs) return false;
    at.leftAt = performance.now();
    return true;
  }

  /** Tries one source after the other, until one has done it. */
  async function atFirst<T>(wish: Wish, attempt: (at: Source) => Promise<T>): Promise<T> {
    let refusal: unknown;
    for (const at of sourcesFor(wish.size)) {
      try {
        return await attempt(at);
      } catch (error) {
        if (error instanceof StoreUnavailable) at.avoidUntil = performance.now() + avoidMs;
        else if (!(error instanceof ReadRefused && error.why === "behind")) throw error;
        refusal = refusal instanceof ReadRefused ? refusal : error; // that one is behind says more than that another is gone
      }
    }
    throw refusal;
  }

  function take(size: Wish["size"]): () => void {
    if (open[size] >= limits[size].atOnce) throw new ReadRefused("busy", `${open[size]} ${size} reads are under way`);
    open[size] += 1;
    let taken = true;
    return () => {
      if (taken) open[size] -= 1;
      taken = false;
    };
  }

  return {
    async read(wish, use) {
      const free = take(wish.size);
      try {
        return await atFirst(wish, async (at) => {
          await using tx = await openAt(at, wish);
          return await use(tx);
        });
      } finally {
        free();
      }
    },
    async open(wish) {
      const free = take(wish.size);
      try {
        const tx = await atFirst(wish, (at) => openAt(at, wish));
        return {
          asOf: tx.asOf,
          query: tx.query,
          async [Symbol.asyncDispose]() {
            free();
            await tx[Symbol.asyncDispose]();
          },
        };
      } catch (error) {
        free();
        throw error;
      }
    },
    async close() {
      await Promise.all([primary, ...replicas].map(({ pool }) => pool.end()));
    },
  };
}
