import { inspect } from "../../support/inspector.ts";

/** What V8's profiler saw: a tree of calls, and which of them ran at each look. */
export type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
};

const everyMicroseconds = 500;

/** Looks at a Node process, which was not started for this, again and again while something goes on. Throws when its inspector does not open. */
export async function sampled(pid: number, during: () => Promise<unknown>): Promise<CpuProfile> {
  await using line = await inspect(pid);
  await line.ask("Profiler.enable");
  await line.ask("Profiler.setSamplingInterval", { interval: everyMicroseconds });
  await line.ask("Profiler.start");
  await during();
  return (await line.ask<{ profile: CpuProfile }>("Profiler.stop")).profile;
}
