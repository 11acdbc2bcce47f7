import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openState } from "../../../operator/local/state-folder.ts";
import { testFolder } from "../../support/test-folder.ts";
import { eventually, Local, processesOf, type StartOptions } from "./local.ts";

/** One line on stderr, nothing on stdout but what was done so far, and nothing left running. */
async function refusal(state: string, options: StartOptions): Promise<string> {
  const { code, stderr } = await new Local(state, options).ended;
  expect(code).toBe(1);
  expect(stderr.trimEnd().split("\n"), "one line, no stack").toHaveLength(1);
  expect(processesOf(state)).toEqual([]);
  return stderr;
}

describe("npm start refuses, in a line that says the way out,", () => {
  const resource = "apiVersion: satang.dev/v1alpha1\nkind: PaymentSystem\nmetadata: {name: shop}\n";

  test.each([
    ["a flag that it does not know", ["--prot", "4000"], /unknown option '--prot'; npm start -- --help/],
    ["an argument that it does not take", ["shop.yaml"], /unexpected argument 'shop.yaml'; npm start -- --help/],
    ["a port out of range", ["--port", "65536"], /--port must be a number from 1 to 65535, not "65536"/],
    ["a port that is no number", ["--port", "api"], /--port must be a number/],
    ["a file that is not there", ["--file", "no-such.yaml"], /no-such\.yaml: there is no such file; give the path/],
    ["state to keep and to throw away at once", ["--ephemeral"], /--ephemeral throws its state away and --state keeps it/],
    ["a folder for a file", ["--file", "/tmp"], /it is a folder/],
  ])("%s", async (_, args, message) => {
    using folder = testFolder();

    expect(await refusal(join(folder.path, "state"), { args })).toMatch(message);
  });

  test.each([
    ["a file that is not YAML", "{", /not YAML: .* at line 1/],
    ["a file of another kind", "apiVersion: v1\nkind: Secret\n", /kind must be PaymentSystem, not "Secret"/],
    [
      "a file with invalid fields, naming all of them",
      `${resource}spec: {mode: prod, redis: {replicas: 0}}`,
      /spec\.mode must be test or live; spec\.redis\.replicas must be 1 or more/,
    ],
    [
      "a setting that Postgres does not take",
      `${resource}spec: {postgres: {parameters: {work_mem: banana}}}`,
      /postgres does not start: invalid value for parameter "work_mem": "banana"/,
    ],
    [
      "a setting that Redis does not take",
      `${resource}spec: {redis: {parameters: {hz: banana}}}`,
      /redis does not start: 'hz banana' argument couldn't be parsed/,
    ],
  ])("%s", async (_, text, message) => {
    using folder = testFolder();
    const file = join(folder.path, "shop.yaml");
    writeFileSync(file, text);

    expect(await refusal(join(folder.path, "state"), { args: ["--file", file] })).toMatch(message);
  });

  test.each<[string, (state: string) => void, RegExp]>([
    [
      "that holds something else",
      (state) => {
        mkdirSync(state);
        writeFileSync(join(state, "thesis.txt"), "");
      },
      /holds something else.*choose another folder by --state/,
    ],
    ["that is a file", (state) => writeFileSync(state, ""), /it is not a folder.*choose another/],
    [
      "in a folder that is not there",
      (state) => renameSync(join(state, ".."), `${join(state, "..")}-moved`),
      /is not there.*choose another/,
    ],
    [
      "whose version file is broken",
      (state) => {
        openState(state);
        writeFileSync(join(state, "state.json"), "{");
      },
      /state\.json is broken: .* mv /,
    ],
    [
      "that a newer version wrote",
      (state) => {
        openState(state);
        writeFileSync(join(state, "state.json"), `{"version": 99, "id": "${crypto.randomUUID()}"}`);
      },
      /newer Satang \(state 99, this one knows 1\)/,
    ],
    [
      "whose credentials are broken",
      (state) => {
        openState(state);
        writeFileSync(join(state, "credentials.json"), "[]");
      },
      /credentials\.json is broken: put it back, or move the folder away.* mv /,
    ],
    [
      "whose data another major Postgres made",
      (state) => {
        openState(state);
        mkdirSync(join(state, "postgres", "data"), { recursive: true });
        writeFileSync(join(state, "postgres", "data", "PG_VERSION"), "9\n");
      },
      /was made by Postgres 9, here is .*install Postgres 9, or start afresh: mv /,
    ],
  ])("a state folder %s", async (_, spoil, message) => {
    using folder = testFolder();
    const above = join(folder.path, "above");
    mkdirSync(above, { mode: 0o711 });
    chmodSync(above, 0o711);
    const state = join(above, "state");
    spoil(state);

    expect(await refusal(state, {})).toMatch(message);
  });

  test("a port by --port that somebody has, whom it names", async () => {
    using folder = testFolder();
    const squatter = createServer().listen(0, "127.0.0.1");
    await eventually(() => squatter.listening, "a port is taken");
    const { port } = squatter.address() as { port: number };

    const said = await refusal(join(folder.path, "state"), { args: ["--port", String(port)] });
    squatter.close();

    expect(said).toMatch(new RegExp(`port ${port} is taken by ".+" \\(pid \\d+\\): stop that, or choose another by --port`));
  });

  test.each([
    [
      "POSTGRES_URL",
      "postgres://satang:secret@127.0.0.1:1/satang",
      /POSTGRES_URL \(127\.0\.0\.1:1\) does not answer as it should: .*ECONNREFUSED.*; set POSTGRES_URL right, or unset it/,
    ],
    ["POSTGRES_URL", "secret", /POSTGRES_URL is not a URL: set/],
    ["REDIS_URL", "redis://:secret@127.0.0.1:1", /REDIS_URL \(127\.0\.0\.1:1\) does not answer as it should/],
  ])("a %s of %s, without its password", async (name, url, message) => {
    using folder = testFolder();

    const said = await refusal(join(folder.path, "state"), { env: { [name]: url } });

    expect(said).toMatch(message);
    expect(said).not.toContain("secret");
  });
});
