import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alertGroups } from "../../../charts/alerts/alerts.ts";
import { postgres } from "../../../charts/alerts/postgres.ts";
import type { Panel } from "../../../charts/boards/board.ts";
import { boards } from "../../../charts/boards/boards.ts";
import { onOwnNode } from "../../cluster/cluster-tests.ts";
import { type OperatorProcess, startOperator } from "../../operator/api-server/operator-process.ts";
import { trial } from "../../operator/api-server/trial.ts";
import { drawBoard, type Line } from "./draw-board.ts";
import { type Prometheus, startPrometheus } from "./prometheus.ts";
import { openWatchedShop, type WatchedShop } from "./watched-shop.ts";

const rules = new URL("../../../charts/satang-operator/files/alerts.yaml", import.meta.url).pathname;
const pictures = new URL("../../../docs/boards/", import.meta.url);
const daySeconds = 40;
const panels = boards.flatMap(({ title, panels }) =>
  panels.flatMap((panel) => panel.queries.map(({ expr, legend }) => ({ name: `${title} / ${panel.title} / ${legend}`, expr }))),
);

onOwnNode("Prometheus, over a day of a shop in seconds,", () => {
  const cluster = trial();
  let shop: WatchedShop;
  let operator: OperatorProcess;
  let prometheus: Prometheus;
  beforeAll(async () => {
    shop = await openWatchedShop();
    operator = await startOperator(cluster.server());
    await cluster.make("shop");
    const labels = { job: "satang-operator", namespace: "satang-system", pod: operator.name };
    prometheus = await startPrometheus([...shop.targets, { address: operator.management, labels }], rules);
    await Promise.all([shop.day(daySeconds), growing()]);
  });
  afterAll(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    await operator?.[Symbol.asyncDispose]();
    await shop?.[Symbol.asyncDispose]();
  });

  /** Prometheus sees no rate in passes that were all made before it first looked. */
  async function growing(): Promise<void> {
    for (const name of ["shop-2", "shop-3", "shop-4"]) {
      await sleep((daySeconds * 1000) / 5);
      await cluster.make(name);
    }
  }

  test.each(panels)("has data for $name", async ({ expr }) => {
    const query = asked(expr);

    const found = await prometheus.range(query, daySeconds);

    const figures = found.flatMap(({ values }) => values.map(([, value]) => Number(value)));
    expect(figures.filter(Number.isFinite).length, query).toBeGreaterThan(0);
  });

  test.runIf(process.env.DRAW_BOARDS)("is drawn for docs/boards.md", async () => {
    for (const board of boards) {
      const drawn = new Map<Panel, Line[]>();
      for (const panel of board.panels) drawn.set(panel, await linesOf(panel));
      writeFileSync(
        new URL(`${board.name}.svg`, pictures),
        drawBoard(board, (panel) => drawn.get(panel)!),
      );
    }
  });

  async function linesOf({ queries }: Panel): Promise<Line[]> {
    const found = await Promise.all(
      queries.map(async ({ expr, legend }) => ({ legend, series: await prometheus.range(asked(expr), daySeconds) })),
    );
    return found.flatMap(({ legend, series }) =>
      series.map(({ metric, values }) => ({ name: legend.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => metric[name] ?? ""), values })),
    );
  }

  test("has each metric that alerts and boards ask for", async () => {
    const names = new Set(await prometheus.names());
    const here = alertGroups.filter((group) => group !== postgres); // what Patroni tells is read on a node, where there is one
    const asked = [...here.flatMap(({ rules }) => rules), ...panels].flatMap(({ expr }) => metricsIn(expr));

    expect(asked.filter((name) => !names.has(name) && !name.startsWith("satang:"))).toEqual([]);
    expect(new Set(asked).size).toBeGreaterThan(20);
  });

  test("can be followed by the statements of the runbooks, each of which the database takes", async () => {
    const folder = new URL("../../../docs/runbooks/", import.meta.url);
    const pages = readdirSync(folder).map((name) => readFileSync(new URL(name, folder), "utf8"));
    const statements = pages.flatMap((page) => [...page.matchAll(/psql .+ -c "(.+)"$/gm)].map(([, statement]) => statement!));

    for (const statement of statements) await shop.system.sql(statement);

    expect(statements.length).toBeGreaterThan(5);
  });

  test("has no alert, for all was well", async () => {
    const told = (await prometheus.alerts()).filter(({ state }) => state === "firing");

    expect(told).toEqual([]);
  });
});

/** As Grafana would ask it, of all systems. */
const asked = (expr: string): string => expr.replaceAll(/\$(namespace|system)\b/g, ".*").replaceAll("$__rate_interval", "10s");

/** Names in a query that are not of labels, functions or words of the language. */
function metricsIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/\{[^}]*\}/g, "")
    .replaceAll(/\[[^\]]*\]/g, "")
    .replaceAll(/\b(by|on|ignoring|group_left|without) ?\([^)]*\)/g, "")
    .replaceAll(/\b(and|or|unless|offset \w+)\b/g, " ");
  return [...bare.matchAll(/\b([a-z_][a-z0-9_:]*)\b(?!\s*\()/gi)]
    .map(([, name]) => name!)
    .filter((name) => !/^(sum|max|min|count|rate|abs)$/.test(name));
}
