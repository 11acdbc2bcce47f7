import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** PEM. */
export type Authority = { readonly certificate: string; readonly key: string };
export type Made = { readonly authority: Authority; readonly serving: { readonly certificate: string; readonly key: string } };
export type Days = { readonly authority: number; readonly serving: number };

export interface Order {
  /** DNS names that are served. */
  readonly names: readonly string[];
  readonly days: Days;
  /** To go on with; left out: a new one. */
  readonly authority?: Authority | undefined;
}

export type Answer = Made | { readonly problem: string };

/** Certificates that were not there before. All that are asked for within a second are made by one process, which ends then. */
export function make(order: Order): Promise<Made> {
  maker ??= start();
  const answer = Promise.withResolvers<Made>();
  maker.asked.push(answer);
  maker.child.stdin.write(`${JSON.stringify(order)}\n`);
  return answer.promise;
}

interface Maker {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  /** In the order in which they are answered. */
  readonly asked: PromiseWithResolvers<Made>[];
}

let maker: Maker | undefined;
const idleMs = 1_000;
const mostMs = 60_000;

function start(): Maker {
  const program = join(import.meta.dirname, "make-certificates.ts");
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"], timeout: mostMs });
  const started: Maker = { child, asked: [] };
  const leave = () => {
    if (maker === started) maker = undefined;
  };
  const idle = setTimeout(() => {
    if (started.asked.length > 0) return;
    leave();
    child.stdin.end();
  }, idleMs);
  createInterface(child.stdout).on("line", (line) => {
    const { resolve, reject } = started.asked.shift()!;
    const answer = JSON.parse(line) as Answer;
    if ("problem" in answer) reject(failure(answer.problem));
    else resolve(answer);
    idle.refresh();
  });
  const failed = (why: string) => {
    leave();
    clearTimeout(idle);
    for (const { reject } of started.asked.splice(0)) reject(failure(why));
  };
  child.on("error", (error) => failed(error.message));
  child.on("close", (code, signal) => failed(`its process ended with ${signal ?? code}`));
  child.stdin.on("error", () => {}); // it is gone, as `close` tells
  return started;
}

const failure = (why: string) => new Error(`no certificate could be made: ${why}`);
