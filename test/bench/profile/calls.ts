import type { CpuProfile } from "./sampled.ts";

/** Whose code it is. */
export type Owner = "ours" | "packages" | "Node" | "collector" | "outside";

/**
 * A call and what it called: `own` and `all` are looks at which it ran itself, and at which it or what it called did; or times, where they were
 * measured.
 */
export type Call<By extends string = Owner> = {
  readonly name: string;
  readonly owner: By;
  own: number;
  all: number;
  readonly calls: Map<string, Call<By>>;
};

/** The tree of calls of a profile, with equal calls of one caller as one, and without the time in which there was nothing to do. */
export function callsOf({ nodes, samples }: CpuProfile): Call {
  const looks = new Map<number, number>();
  for (const id of samples) looks.set(id, (looks.get(id) ?? 0) + 1);
  const byId = new Map(nodes.map((node) => [node.id, node]));

  function add(id: number, into: Call): number {
    const node = byId.get(id)!;
    const { functionName } = node.callFrame;
    if (functionName === "(idle)") return 0;
    const call = functionName === "(root)" ? into : under(into, node.callFrame);
    const own = looks.get(id) ?? 0;
    const all = own + (node.children ?? []).reduce((sum, child) => sum + add(child, call), 0);
    if (call !== into) call.own += own;
    call.all += all;
    return call === into ? 0 : all;
  }
  const root: Call = { name: "all", owner: "outside", own: 0, all: 0, calls: new Map() };
  add(nodes[0]!.id, root);
  return root;
}

function under(caller: Call, { functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): Call {
  const file = url.replace(/^.*\/node_modules\//, "").replace(/^.*\/(workloads\/)/, "$1");
  const name = functionName.startsWith("(") ? functionName : `${functionName || "(anonymous)"}${file ? `, ${file}:${lineNumber + 1}` : ""}`;
  const call = caller.calls.get(name) ?? { name, owner: ownerOf(functionName, url), own: 0, all: 0, calls: new Map() };
  caller.calls.set(name, call);
  return call;
}

function ownerOf(functionName: string, url: string): Owner {
  if (functionName === "(garbage collector)") return "collector";
  if (url.includes("/node_modules/")) return "packages";
  if (url.startsWith("node:")) return "Node";
  if (url !== "") return "ours";
  return functionName === "(program)" ? "outside" : "Node"; // what V8 and Node do in C++ has no file
}

/** What part of the time each owner's code ran itself, in %. */
export function sharesOf(root: Call): Readonly<Record<Owner, number>> {
  const shares = { ours: 0, packages: 0, Node: 0, collector: 0, outside: 0 };
  const visit = ({ owner, own, calls }: Call): void => {
    shares[owner] += (100 * own) / root.all;
    for (const call of calls.values()) visit(call);
  };
  visit(root);
  return shares;
}
