import type { Call } from "./calls.ts";
import type { Explained, Step } from "./explained.ts";

/** What Postgres does meanwhile: `values` is reading what the statement was given, `executor` its start and its end. */
export type Work = "writes" | "reads" | "triggers" | "values" | "executor";

type Took = Call<Work>;
/** What a statement does to a table, and under which part of it. */
type Change = { readonly relation: string; readonly call: Took; readonly part: Took; readonly own: number };

/**
 * The steps of a statement as a tree of calls, in ms, summed over the times it was run: under the statement its parts by their names (`done`,
 * `paid`), under these their steps. `before` are triggers, as `payments.edges`, that run within the step that changes their table; the others
 * run after all steps, and stand beside it. All that stands there adds up to planning and execution. Throws when the steps took longer than
 * the statement did: then this does not understand the plan.
 */
export function planCalls(name: string, runs: readonly Explained[], before: ReadonlySet<string>): Took {
  const statement: Took = newCall(name, "executor");
  for (const run of runs) addRun(statement, run, before);
  return withSums(statement);
}

function addRun(statement: Took, { Plan: top, Triggers: triggers, ...times }: Explained, before: ReadonlySet<string>): void {
  const parts = new Map(allSteps(top).flatMap((step) => (isPart(step) ? [[step["Subplan Name"]!.slice("CTE ".length), step]] : [])));
  const toRun = new Map([...parts].map(([part, step]) => [part, timeOf(step)]));
  const entered = new Set<string>();
  const changes: Change[] = [];

  /** Adds a step and those below it. Returns what they took, which is at most `atMost`: a step of many loops tells microseconds of a loop, rounded. */
  function add(step: Step, into: Took, part: Took, atMost: number): number {
    if (step["Actual Loops"] === 0) return 0;
    const call = under(into, nameOf(step), workOf(step));
    const took = Math.min(timeOf(step), atMost);
    let own = took;
    const read = step["CTE Name"];
    if (read !== undefined) own -= pull(read, own);
    for (const below of stepsBelow(step, top)) own -= add(below, call, part, own);
    call.own += own;
    if (step.Operation) changes.push({ relation: step["Relation Name"]!, call, part, own });
    return took;
  }

  // Who reads a part first runs it, and waits for it meanwhile; whoever reads it later finds its rows kept.
  function pull(part: string, atMost: number): number {
    enter(part);
    const pulled = Math.min(atMost, toRun.get(part)!);
    toRun.set(part, toRun.get(part)! - pulled);
    return pulled;
  }

  function enter(part: string): void {
    if (entered.has(part)) return;
    entered.add(part);
    const step = parts.get(part)!;
    const call = under(statement, part, workOf(step));
    add(step, call, call, Number.POSITIVE_INFINITY);
  }

  let left = times["Execution Time"] - add(top, statement, statement, Number.POSITIVE_INFINITY);
  for (const [part, step] of [...parts].toReversed()) {
    if (step.Operation) enter(part); // what changes something and was not read is run at the end, the last first
    left -= toRun.get(part)!;
  }
  for (const { "Trigger Name": name, Relation: relation, Time: ms } of triggers) {
    const [change] = changes.filter((one) => one.relation === relation).toSorted((a, b) => b.own - a.own); // of two on a table it does not say which
    const within = change && before.has(`${relation}.${name}`) ? change.call : undefined;
    const took = within ? Math.min(ms, change!.own) : ms;
    under(within ?? change?.part ?? statement, `trigger ${name}`, "triggers").own += took;
    if (within) within.own -= took;
    else left -= took;
  }
  if (left < -times["Execution Time"] / 100) throw new Error(`the steps of ${statement.name} took ${-left} ms longer than it did`);
  under(statement, "start and end", "executor").own += Math.max(0, left);
  under(statement, "values", "values").own += times["Planning Time"];
}

/**
 * A step's own, and the results that it asks for: Postgres tells of these at the head of the statement that they belong to, but the step that names
 * one in a condition is who runs it, and waits.
 */
function stepsBelow(step: Step, top: Step): Step[] {
  const results = allSteps(top).flatMap((head) => (head.Plans ?? []).filter(isResult).map((result) => ({ head, result })));
  const askedFor = results.filter(({ head, result }) => (allSteps(head).find((one) => asksFor(one, result)) ?? head) === step);
  const own = (step.Plans ?? []).filter((below) => !isPart(below) && !isResult(below));
  const subplansLast = own.toSorted((a, b) => Number(isSubplan(a)) - Number(isSubplan(b))); // run for rows that are there
  return [...askedFor.map(({ result }) => result), ...subplansLast];
}

const isPart = (step: Step): boolean => step["Subplan Name"]?.startsWith("CTE ") === true;
const isResult = (step: Step): boolean => step["Parent Relationship"] === "InitPlan" && !isPart(step);
const isSubplan = (step: Step): boolean => step["Parent Relationship"] === "SubPlan";

/** As `$5` where the result says that it returns this; since Postgres 17 by the result's own name, `(InitPlan 2).col1`. */
function asksFor(step: Step, { "Subplan Name": result = "" }: Step): boolean {
  const returned = /returns (\$\d+)/.exec(result)?.[1];
  const asked = returned ? new RegExp(`\\${returned}\\b`) : new RegExp(`\\(${result}\\)`);
  return Object.entries(step).some(([key, value]) => key !== "Subplan Name" && typeof value === "string" && asked.test(value));
}

const allSteps = (step: Step): Step[] => [step, ...(step.Plans ?? []).flatMap(allSteps)];
const timeOf = (step: Step): number => step["Actual Total Time"] * step["Actual Loops"];
const workOf = (step: Step): Work => (step.Operation || step["Node Type"] === "LockRows" ? "writes" : "reads");

function nameOf(step: Step): string {
  if (step.Operation) return `${step.Operation} ${step["Relation Name"]}`;
  const of = step["Index Name"] ?? step["Relation Name"] ?? step["CTE Name"] ?? step.Alias;
  return of === undefined ? step["Node Type"] : `${step["Node Type"]} ${of}`;
}

const newCall = (name: string, owner: Work): Took => ({ name, owner, own: 0, all: 0, calls: new Map() });

function under(caller: Took, name: string, owner: Work): Took {
  const call = caller.calls.get(name) ?? newCall(name, owner);
  caller.calls.set(name, call);
  return call;
}

function withSums(call: Took): Took {
  call.all = call.own;
  for (const called of call.calls.values()) call.all += withSums(called).all;
  return call;
}
