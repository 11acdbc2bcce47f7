import { join } from "node:path";
import { drainSeconds } from "../../workloads/contract.ts";
import { complaintIn } from "./complaint.ts";
import { LogFile } from "./log-file.ts";
import { identityOf } from "./process-identity.ts";
import { Refusal } from "./refusal.ts";
import type { Run } from "./run-file.ts";
import { type ProcessSpec, type Supervised, supervise } from "./supervise.ts";

/** What ends before what: nobody loses what he still needs to finish. And how long each may take, at leisure and in a hurry. */
const tiers = {
  workload: { graceMs: (drainSeconds + 3) * 1000, hurriedMs: 0 },
  provider: { graceMs: 5_000, hurriedMs: 0 },
  redis: { graceMs: 5_000, hurriedMs: 2_000 },
  postgres: { graceMs: 20_000, hurriedMs: 2_000 },
} as const;
export type Tier = keyof typeof tiers;

export type FleetDeps = {
  /** Each process logs to `<logs>/<name>.log`. */
  readonly logs: string;
  /** Gets every line of every process as well, with its name. */
  readonly stream?: ((name: string, text: string) => void) | undefined;
  /** Called when a process started or ended. */
  readonly changed?: () => void;
};

/** The processes of one local system: started one by one, ended together and in order. */
export class Fleet {
  #members = new Map<string, { process: Supervised; tier: Tier; log: LogFile }>();
  #deps: FleetDeps;
  #hurried = false;
  #stopping = false;

  constructor(deps: FleetDeps) {
    this.#deps = deps;
  }

  start(spec: ProcessSpec, tier: Tier): Supervised {
    if (this.#stopping) throw new Refusal("stopped while starting");
    const log = new LogFile(join(this.#deps.logs, `${spec.name}.log`));
    const write = (chunk: Buffer | string) => {
      log.write(chunk);
      this.#deps.stream?.(spec.name, chunk.toString());
    };
    const process = supervise(spec, { log: write, changed: () => this.#deps.changed?.() });
    this.#members.set(spec.name, { process, tier, log });
    return process;
  }

  /** Waits until a process does its work. Throws `Refusal` with its own complaint when it does not. */
  async ready(name: string, withinMs: number): Promise<void> {
    const { process, log } = this.#member(name);
    if (await process.ready(withinMs)) return;
    if (this.#stopping) throw new Refusal("stopped while starting");
    throw new Refusal(
      `${name} does not start: ${complaintIn(log.path) ?? `it was not ready after ${withinMs / 1000} s`}; its log is ${log.path}`,
    );
  }

  get(name: string): Supervised {
    return this.#member(name).process;
  }

  has(name: string): boolean {
    return this.#members.has(name);
  }

  /** What runs now. */
  running(): Run["processes"] {
    return [...this.#members.values()].flatMap(({ process: { name, pid } }) => {
      const identity = pid === undefined ? undefined : identityOf(pid);
      return pid === undefined || identity === undefined ? [] : [{ name, pid, identity }];
    });
  }

  /** Ends everything: workloads finish what they have in hand, then the provider, Redis and Postgres go. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const tier of Object.keys(tiers) as Tier[]) {
      const graceMs = this.#hurried ? tiers[tier].hurriedMs : tiers[tier].graceMs;
      await Promise.all(this.#of(tier).map(({ process }) => process.stop(graceMs)));
    }
    for (const { log } of this.#members.values()) log.close();
    this.#members.clear();
  }

  /** Makes a `stop` that is under way a fast one: nothing is finished any more, and nothing that was promised is lost by it. */
  hurry(): void {
    this.#hurried = true;
    for (const tier of Object.keys(tiers) as Tier[]) {
      if (tiers[tier].hurriedMs === 0) for (const { process } of this.#of(tier)) void process.stop(0);
    }
  }

  #of(tier: Tier) {
    return [...this.#members.values()].filter((member) => member.tier === tier);
  }

  #member(name: string) {
    const member = this.#members.get(name);
    if (!member) throw new Error(`no process is called ${name}: there are ${[...this.#members.keys()].join(", ")}`);
    return member;
  }
}
