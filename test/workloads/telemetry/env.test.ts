import { describe, expect, test } from "vitest";
import { commonEnv, EnvironmentInvalid, list, queueEnv, readEnv, storeEnv, whole } from "../../../workloads/telemetry/env.ts";

const schema = commonEnv.extend({
  ...storeEnv,
  ...queueEnv,
  QUEUES: list(["payments", "refunds"], "payments"),
  CONCURRENCY: whole({ min: 1, max: 1000 }).default(50),
});
const least = { DATABASE_URL: "postgres://shop:hunter2@db:5432/satang", QUEUES: "payments" };

function problemsOf(env: Record<string, string | undefined>): string[] {
  try {
    readEnv(schema, env);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentInvalid) return error.message.split("\n");
    throw error;
  }
}

describe("an environment", () => {
  test("has defaults for what is not set, or set to nothing", () => {
    const env = readEnv(schema, { ...least, REDIS_URL: "", LOG_LEVEL: "", CONCURRENCY: "7", QUEUES: "payments, refunds", HOME: "/root" });

    expect(env).toMatchObject({ LOG_LEVEL: "info", MANAGEMENT_PORT: 9090, HOST: "0.0.0.0", DATABASE_POOL: 8, CONCURRENCY: 7 });
    expect(env.QUEUES).toEqual(["payments", "refunds"]);
    expect("REDIS_URL" in env || "HOME" in env).toBe(false);
  });

  test("is told everything that is wrong with it at once, each with the way out", () => {
    const problems = problemsOf({ MANAGEMENT_PORT: "99999", DATABASE_POOL: "0", LOG_LEVEL: "loud", CONCURRENCY: "many" });

    expect(problems).toHaveLength(6);
    expect(problems).toContain("DATABASE_URL is not set: set it to a URL like postgres://user:password@host:5432/satang");
    expect(problems).toContain('MANAGEMENT_PORT is "99999": set it to a port from 0 to 65535, for instance 9090');
    expect(problems).toContain('CONCURRENCY is "many": set it to a whole number from 1 to 1000');
  });

  test.for(["redis://:hunter2@redis", "rediss://redis:6380", "redis+sentinel://shop:hunter2@one:26379,two:26379/satang"])(
    "takes %s for a Redis",
    (REDIS_URL) => {
      expect(problemsOf({ ...least, REDIS_URL })).toEqual([]);
    },
  );

  test.for(["payments,cash", "payments,payments", ",", "payments;refunds"])("refuses %j for a list of queues", (QUEUES) => {
    expect(problemsOf({ ...least, QUEUES })).toEqual([expect.stringMatching(/^QUEUES is .* a list by comma of payments, refunds/)]);
  });

  test.for(["1.5", "-1", "1e3", " 7", "0x10", "1001", "99999999999"])("refuses %j for a number from 1 to 1000", (CONCURRENCY) => {
    expect(problemsOf({ ...least, CONCURRENCY })).toHaveLength(1);
  });

  test.for([
    { DATABASE_URL: "mysql://shop:hunter2@db/satang" },
    { DATABASE_URL: "postgres//shop:hunter2@db" },
    { REDIS_URL: "http://:hunter2@redis" },
    { REDIS_URL: "redis+sentinel://:hunter2@redis:26379,redis/satang" },
    { REDIS_URL: "redis+sentinel://:hunter2@redis:26379" },
  ])("never shows the value of what may hold a password: %j", (env) => {
    const problems = problemsOf({ ...least, ...env });

    expect(problems).toHaveLength(1);
    expect(problems[0]).not.toContain("hunter2");
  });
});
