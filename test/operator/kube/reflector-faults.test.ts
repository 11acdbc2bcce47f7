import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { aConfigMap, sharedApiServer } from "./shared-api-server.ts";
import { type Trouble, type TroubledLine, troubledLine } from "./troubled-line.ts";
import { differences, turmoil, watch } from "./watched.ts";

onOwnNode("a reflector has the truth again after", () => {
  const { server, kube } = sharedApiServer();
  const faults: { [name: string]: { begin: (line: TroubledLine) => unknown; says: RegExp } } = {
    "every connection is reset": { begin: (line) => line.reset(), says: /ECONNRESET/ },
    "the watch breaks in the middle of an event": { begin: (line) => line.breakInNextEvent(), says: /ECONNRESET/ },
    "the watch stalls without a word": { begin: (line) => line.freeze(), says: /nothing was heard for 2 s/ },
    "the API server is away for a while": {
      begin: async (line) => {
        line.trouble = () => ({ kind: "reset" });
        line.reset();
        await turmoil(kube());
        await sleep(500);
        line.trouble = () => undefined;
      },
      says: /ECONNRESET/,
    },
    "watches are answered 500, then 429, then 503 in words": {
      begin: (line) =>
        restart(
          line,
          inTurn(isWatch, [
            { kind: "answer", code: 500, body: { kind: "Status", code: 500, reason: "InternalError", message: "etcd" } },
            { kind: "answer", code: 429, headers: { "retry-after": "1" }, body: "Too many requests, please try again later." },
            { kind: "answer", code: 503, body: "apiserver not ready" },
          ]),
        ),
      says: /HTTP 503: apiserver not ready/,
    },
    "the server forgot the version, said by HTTP": { begin: (line) => restart(line, untilList(expired)), says: /too old resource version/ },
    "the server forgot the version, said by an event": {
      begin: (line) =>
        restart(line, untilList({ kind: "answer", code: 200, body: `${JSON.stringify({ type: "ERROR", object: tooOld })}\n` })),
      says: /too old resource version/,
    },
    "the version is one that the server has not reached, as after a restore": {
      begin: (line) =>
        restart(
          line,
          untilList({
            kind: "answer",
            code: 504,
            body: { kind: "Status", code: 504, reason: "Timeout", message: "Too large resource version" },
          }),
        ),
      says: /Too large resource version/,
    },
    "a new list is refused, stalls, breaks and expires half-way": {
      begin: (line) => {
        const watches = inTurn(isWatch, [expired]);
        const more = inTurn(({ path }) => path.includes("continue="), [expired, { kind: "half an answer" }, { kind: "reset" }]);
        const lists = inTurn(
          ({ path }) => path.includes("limit="),
          [{ kind: "answer", code: 500, body: "no" }, { kind: "stall" }, { kind: "half an answer" }, { kind: "reset" }, { kind: "reset" }],
        );
        restart(line, (ask) => watches(ask) ?? more(ask) ?? lists(ask));
      },
      says: /HTTP 500: no/,
    },
  };
  for (const [name, { begin, says }] of Object.entries(faults))
    test(name, async () => {
      await Promise.all(Array.from({ length: 12 }, (_, i) => kube().create(aConfigMap(`first-${i}`))));
      await using line = await troubledLine(server());
      await using watched = await watch(line, { pageSize: 5, silenceSeconds: name.includes("stalls without") ? 2 : undefined });
      await eventually(() => expect(line.watches).toBe(1), { everyMs: 10 });

      await begin(line);
      await turmoil(kube());
      await sleep(300);
      await turmoil(kube());
      await eventually(() => expect(watched.troubles.join()).toMatch(says), { withinSeconds: 10 });

      await eventually(async () => expect(await differences(watched, kube())).toEqual([]), { withinSeconds: 30 });
      await kube().create(aConfigMap("afterwards"));
      await eventually(() => expect(watched.reflector.get("trial", "afterwards")).toBeDefined(), { withinSeconds: 10 });
      expect(watched.reflector.stalenessSeconds()).toBeLessThan(10);
      await eventually(() => expect(line.watches).toBe(1));
    });
});

type Ask = Parameters<TroubledLine["trouble"]>[0];
const isWatch = (ask: Ask): boolean => ask.isWatch;
const tooOld = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version: 1 (200)" };
const expired: Trouble = { kind: "answer", code: 410, body: tooOld };

/** The next requests of a kind meet these troubles, one each; then all is well. */
function inTurn(which: (ask: Ask) => boolean, troubles: Trouble[]): TroubledLine["trouble"] {
  const left = [...troubles];
  return (ask) => (which(ask) ? left.shift() : undefined);
}

/** Each watch meets this trouble until there is a new list: nothing else would help. */
function untilList(trouble: Trouble): TroubledLine["trouble"] {
  let isListed = false;
  return (ask) => {
    isListed ||= !ask.isWatch;
    return isListed ? undefined : trouble;
  };
}

/** From now on, and on new connections. */
function restart(line: TroubledLine, trouble: TroubledLine["trouble"]): void {
  line.trouble = trouble;
  line.reset();
}
