import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { eventually } from "../../cluster/eventually.ts";
import { type Act, type Judge, judge } from "./judge.ts";
import { aConfigMap, sharedApiServer } from "./shared-api-server.ts";
import { type TroubledLine, troubledLine } from "./troubled-line.ts";

const leaseMs = 3000;
const longestGapMs = 2 * leaseMs; // the lease itself, a look or two, and a busy machine

onOwnNode("of two candidates for the lead", () => {
  const { server, kube } = sharedApiServer();

  test("one acts and one waits, for as long as all is well", async () => {
    await using trial = await twoCandidates();
    await trial.acting();
    await sleep(2 * leaseMs);

    expect(new Set(trial.judge.acts.map(({ by }) => by)).size).toBe(1);
    expect(trial.judge.holders).toHaveLength(1);
    expect(trial.judge.wrongs()).toEqual([]);
  });

  test("the other leads at once when the leader ends well", async () => {
    await using trial = await twoCandidates();
    const leader = await trial.acting();

    leader.process.kill("SIGTERM");
    const gapMs = await trial.takenOverFrom(leader);

    expect(gapMs).toBeLessThan(leaseMs);
    expect(trial.judge.holders).toEqual([leader.name, "", trial.otherThan(leader).name]);
  });

  test("the other leads within the lease when the leader is killed", async () => {
    await using trial = await twoCandidates();
    const leader = await trial.acting();

    leader.process.kill("SIGKILL");

    expect(await trial.takenOverFrom(leader)).toBeLessThan(longestGapMs);
  });

  test("the other leads within the lease when the leader is cut off, and the leader knew before; it waits when it is back", async () => {
    await using trial = await twoCandidates();
    const leader = await trial.acting();

    leader.line.trouble = () => ({ kind: "stall" });
    const gapMs = await trial.takenOverFrom(leader);
    const [begun] = trial.otherThan(leader).told.filter(({ state }) => state === "acts");
    leader.line.trouble = () => undefined;
    await sleep(leaseMs);

    expect(gapMs).toBeLessThan(longestGapMs);
    const [over] = leader.told.filter(({ state }) => state === "over");
    expect(over!.at).toBeLessThan(begun!.at);
    expect(trial.judge.holders).toEqual([leader.name, trial.otherThan(leader).name]);
    expect(trial.judge.acts.at(-1)!.by).toBe(trial.otherThan(leader).name);
  });

  test("a leader that was stopped past its lease and is woken does nothing more", async () => {
    await using trial = await twoCandidates();
    const leader = await trial.acting();

    leader.process.kill("SIGSTOP");
    await trial.takenOverFrom(leader);
    leader.process.kill("SIGCONT");
    await eventually(() => expect(leader.told.at(-1)!.state).toBe("over"));
    await sleep(1000);

    expect(trial.judge.holders).toEqual([leader.name, trial.otherThan(leader).name]);
  });

  test("one acts when the Lease is deleted under it, also if the other has just been started", async () => {
    await using trial = await twoCandidates();
    await trial.acting();

    for (const name of ["c", "d", "e"]) {
      const newcomer = await candidate(name);
      trial.candidates.push(newcomer);
      await eventually(() => expect(newcomer.told).toHaveLength(1), { everyMs: 1 });
      await kube().delete("Lease", { namespace: "trial", name: "leader" });
      await sleep(1000);
    }
    const before = trial.judge.acts.length;
    await eventually(() => expect(trial.judge.acts.length).toBeGreaterThan(before));

    expect(new Set(trial.judge.acts.map(({ by }) => by)).size).toBe(1);
  });

  test("never do two act at once while every line breaks, stalls and refuses at random, and one or the other goes on", async () => {
    await using trial = await twoCandidates();
    await trial.acting();
    for (const { line } of trial.candidates) {
      line.trouble = () => {
        const dice = Math.random();
        if (dice < 0.1) return { kind: "reset" };
        if (dice < 0.2) return { kind: "half an answer" }; // what was asked is done, and the answer is lost
        if (dice < 0.25) return { kind: "stall" };
        if (dice < 0.3) return { kind: "answer", code: 500, body: "etcdserver: leader changed" };
        return undefined;
      };
    }
    for (let i = 0; i < 5; i++) {
      await sleep(2500);
      const leader = await trial.acting();
      const usual = leader.line.trouble;
      leader.line.trouble = () => ({ kind: "stall" });
      if (i === 0) await trial.takenOverFrom(leader);
      else await sleep(1500 + Math.random() * 1500); // the lead may just be kept, or just be lost
      leader.line.trouble = usual;
    }

    expect(trial.judge.holders.length).toBeGreaterThan(1);
    const before = trial.judge.acts.length;
    for (const { line } of trial.candidates) line.trouble = () => undefined;
    await eventually(() => expect(trial.judge.acts.length).toBeGreaterThan(before + 10));
  });

  /** Two processes, each on a line of its own, and one who sees all. At the end nobody may have acted whom the Lease did not name. */
  async function twoCandidates() {
    await kube().delete("Lease", { namespace: "trial", name: "leader" });
    await kube().create(aConfigMap("acted"));
    const judging = await judge(kube());
    const candidates = await Promise.all(["a", "b"].map(candidate));
    const named = (name: string) => candidates.find((one) => one.name === name)!;
    const otherThan = ({ name }: Candidate) => candidates.find((one) => one.name !== name)!;
    return {
      judge: judging as Judge,
      candidates,
      otherThan,
      /** Who leads, once somebody has acted a few times. */
      async acting(): Promise<Candidate> {
        await eventually(() => expect(judging.acts.length).toBeGreaterThan(3), { everyMs: 20 });
        return named(judging.acts.at(-1)!.by);
      },
      /** Milliseconds between the last act of one and the first of the other. */
      async takenOverFrom(leader: Candidate): Promise<number> {
        const other = otherThan(leader).name;
        await eventually(() => expect(judging.acts.some(({ by }) => by === other)).toBe(true), { everyMs: 20 });
        const first = judging.acts.find(({ by }) => by === other)!;
        return first.at - judging.acts.findLast(({ by }) => by === leader.name)!.at;
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(candidates.map(end));
        const wrongs = judging.wrongs();
        await judging[Symbol.asyncDispose]();
        expect(wrongs).toEqual([]);
      },
    };
  }

  async function candidate(name: string): Promise<Candidate> {
    const line = await troubledLine(server());
    const process = fork(new URL("candidate.ts", import.meta.url), [line.access.server, server().certificates, name], { stdio: "inherit" });
    const told: Told[] = [];
    process.on("message", (message) => told.push(message as Told));
    return { name, line, process, told };
  }
});

interface Candidate {
  name: string;
  line: TroubledLine;
  process: ChildProcess;
  told: Told[];
}
type Told = { state: "starts" | "acts" | "over" } & Pick<Act, "at">;

async function end({ process, line }: Candidate): Promise<void> {
  if (process.exitCode === null && process.signalCode === null) {
    process.kill("SIGKILL");
    await once(process, "exit");
  }
  await line[Symbol.asyncDispose]();
}
