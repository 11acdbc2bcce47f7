import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { onOwnNode } from "./cluster-tests.ts";
import { eventually } from "./eventually.ts";
import { aMachineOfOurOwn } from "./machine-of-our-own.ts";

// Runs here have a cache of their own (with links to what is built), so `down` ends no other run's node and no other run disturbs the counting.
onOwnNode("a node that ends", () => {
  let machine: ReturnType<typeof aMachineOfOurOwn>;
  beforeAll(() => {
    machine = aMachineOfOurOwn();
  });
  beforeEach(() => machine.main("down")); // a test that failed must not fail the next
  afterAll(() => machine?.[Symbol.asyncDispose]());
  // A moment later: whom the kernel has killed stays a process until the machine's first process has buried it.
  const nothingIsLeft = () => eventually(() => expect(machine.found()).toEqual(nothing), { withinSeconds: 10 });
  const nothing = { processes: [], namespaces: [], mounts: [], cgroups: 0, folders: [] };

  test("leaves no process, mount, namespace or cgroup behind when it is taken down, nor its folder", async () => {
    const run = await machine.run();
    await run.aPod();
    const running = machine.found();
    expect(running.processes.length).toBeGreaterThan(12); // ten parts, a shim and the pod's two
    expect(Math.min(running.namespaces.length, running.cgroups)).toBeGreaterThan(1);
    expect(running.mounts).toEqual([]); // not even now: they are the node's own

    expect(await machine.main("down")).toContain("removed node");
    await run.ended;

    await nothingIsLeft();
  });

  test("ends with its pods when its run is killed by SIGKILL, and the next start clears up the rest", async () => {
    const killed = await machine.run();
    await killed.aPod();
    machine.found(); // remembers what the pod's namespaces are
    killed.child.kill("SIGKILL");
    await killed.ended;
    await eventually(() => expect(machine.found()).toMatchObject({ processes: [], namespaces: [] }), { withinSeconds: 10 });

    const next = await machine.run();
    expect(machine.found().folders).toHaveLength(1);
    next.child.kill("SIGINT");
    await next.ended;

    await nothingIsLeft();
  });

  test("can have its run killed at any moment of the start", async () => {
    for (const afterMs of [300, 700, 1500, 3000]) await machine.killedAfter(afterMs);

    const next = await machine.run();
    expect(machine.found().folders).toHaveLength(1);
    await machine.main("down");
    await next.ended;

    await nothingIsLeft();
  });

  test("ends at Ctrl-C, and does not disturb another that runs at the same time", async () => {
    const [one, other] = await Promise.all([machine.run(), machine.run()]);
    other.child.kill("SIGINT");
    await other.ended;

    expect(machine.found().folders).toHaveLength(1);
    expect(await machine.main("kubectl", "get", "nodes", "--output=name")).toBe("node/node\n");
    one.child.kill("SIGINT");
    await one.ended;
    await nothingIsLeft();
  });
});
