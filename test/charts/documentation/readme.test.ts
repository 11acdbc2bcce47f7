import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commandsIn } from "./commands-in.ts";

const root = new URL("../../../", import.meta.url).pathname;
const minutes = 60_000;
let folder: string;
let running: ChildProcess | undefined;

// What a stranger has: the files that git knows, and nothing installed.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "satang-readme-"));
  const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");
  for (const file of files) cpSync(join(root, file), join(folder, file), { recursive: true });
});
afterAll(async () => {
  if (running?.exitCode === null) {
    const ended = new Promise((resolve) => running!.once("exit", resolve));
    process.kill(-running.pid!, "SIGINT");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

test("README: the first minute on a laptop ends in a card whose command pays", { timeout: 10 * minutes }, async () => {
  const [first] = commandsIn("README.md", { under: "The first minute, on a laptop" });
  const env = { ...process.env, PATH: withoutOurs(process.env.PATH ?? ""), CI: "", NODE_ENV: "" };
  running = spawn("bash", ["-c", first!], { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });

  const card = await textUntil(running, /curl[\s\S]*?"token": ?"tok_visa"[^\n]*\n/);
  const [command] = /curl[\s\S]*?"token": ?"tok_visa"[^\n]*\n/.exec(card)!;
  const paid = execFileSync("bash", ["-c", command.replaceAll(/^[│|]?\s*/gm, "")], { encoding: "utf8" });

  expect(JSON.parse(paid)).toMatchObject({ status: "succeeded" });
  const secretKey = /sk_test_\w+/.exec(card)![0];
  const api = /http:\/\/127\.0\.0\.1:\d+/.exec(command)?.[0] ?? "http://127.0.0.1:4000";
  const [paying] = commandsIn("README.md", { under: "Paying" });
  const again = execFileSync("bash", ["-c", paying!.replace("http://127.0.0.1:4000", api)], {
    encoding: "utf8",
    env: { ...env, SECRET_KEY: secretKey },
  });
  expect(JSON.parse(again)).toMatchObject({ status: "succeeded", amount: 35_000, currency: "THB" });
});

function textUntil(child: ChildProcess, pattern: RegExp): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!])
      stream.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
        if (pattern.test(text)) resolve(text);
      });
    child.once("exit", (code) => reject(new Error(`it ended with ${code}:\n${text.slice(-5_000)}`)));
  });
}

/** A stranger's machine does not have the commands of our node_modules. */
const withoutOurs = (path: string): string =>
  path
    .split(":")
    .filter((one) => !one.includes("node_modules"))
    .concat(dirname(process.execPath).includes("node_modules") ? [] : [dirname(process.execPath)])
    .join(":");
