import { needProgram } from "./debian-package.ts";

/** Sees to it that this machine has a Redis to start. */
export function needRedisServer(): void {
  needProgram({ names: ["redis-server", "valkey-server"], debian: "redis-server", brew: "redis", why: "these tests start a Redis" });
}
