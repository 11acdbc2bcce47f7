export interface Query {
  readonly expr: string;
  /** What its lines are called, with labels as Grafana fills them in: `{{queue}}`. */
  readonly legend: string;
}

export interface Panel {
  readonly title: string;
  /** What the reader is to see in it. */
  readonly description: string;
  readonly unit: "s" | "reqps" | "short" | "percentunit" | "bytes" | "ops";
  /** Default: lines over time. */
  readonly shows?: "lines" | "number";
  /** Of numbers: from which value on it is drawn in red. */
  readonly bad?: number;
  readonly queries: readonly Query[];
}

export interface Board {
  /** Name of its file, and its address in Grafana. */
  readonly name: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** Which systems a board shows, as the selection above it says. */
export const chosen = `namespace=~"$namespace", system=~"$system"`;
/** Per second, over as long as Grafana finds right for the zoom. */
export const rate = (metric: string, only = ""): string => `rate(${metric}{${chosen}${only && `, ${only}`}}[$__rate_interval])`;
export const quantile = (part: number, histogram: string, { by = "", only = "" }: { by?: string; only?: string } = {}): string =>
  `histogram_quantile(${part}, sum by (${["le", by].filter(Boolean).join(", ")}) (${rate(`${histogram}_bucket`, only)}))`;
/** The three that tell most of a duration. */
export const percentiles = (histogram: string, only = ""): Query[] =>
  [0.5, 0.95, 0.99].map((part) => ({ expr: quantile(part, histogram, { only }), legend: `p${part * 100}` }));

const size = { number: { w: 6, h: 4 }, lines: { w: 12, h: 8 } } as const;
const columns = 24;

/** The JSON of a dashboard, as Grafana imports it. */
export function boardJson({ name, title, panels }: Board): string {
  const places = placesOf(panels);
  const json = {
    uid: `satang-${name}`,
    title: `Satang / ${title}`,
    tags: ["satang"],
    timezone: "browser",
    schemaVersion: 39,
    editable: true,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    links: [{ type: "dashboards", tags: ["satang"], title: "Satang", asDropdown: true, includeVars: true, keepTime: true }],
    templating: {
      list: [
        datasource,
        variable("namespace", 'label_values(up{job="satang"}, namespace)'),
        variable("system", 'label_values(up{job="satang", namespace=~"$namespace"}, system)'),
      ],
    },
    panels: panels.map((panel, index) => ({ id: index + 1, gridPos: places[index], ...panelJson(panel) })),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

const datasource = { name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus" };
const source = { type: "prometheus", uid: "$datasource" };

function variable(name: string, query: string): object {
  const definition = { query, refId: name };
  return {
    name,
    type: "query",
    datasource: source,
    query: definition,
    definition: query,
    includeAll: true,
    multi: true,
    refresh: 2,
    sort: 1,
    current: { text: "All", value: "$__all" },
  };
}

function panelJson({ title, description, unit, shows = "lines", bad, queries }: Panel): object {
  const steps = [{ color: "green", value: null }, ...(bad === undefined ? [] : [{ color: "red", value: bad }])];
  return {
    title,
    description,
    type: shows === "number" ? "stat" : "timeseries",
    datasource: source,
    fieldConfig: { defaults: { unit, min: 0, thresholds: { mode: "absolute", steps } }, overrides: [] },
    options:
      shows === "number"
        ? { reduceOptions: { calcs: ["lastNotNull"] }, colorMode: "value" }
        : { legend: { displayMode: "table", placement: "bottom", calcs: ["mean", "max"] }, tooltip: { mode: "multi", sort: "desc" } },
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      expr,
      legendFormat: legend,
      datasource: source,
    })),
  };
}

/** Where panels stand on a grid of 24 columns: side by side, as many as fit. */
export function placesOf(panels: readonly Panel[]) {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map(({ shows = "lines" }) => {
    const { w, h } = size[shows];
    if (x + w > columns || (x > 0 && h !== rowHeight)) [x, y] = [0, y + rowHeight];
    const place = { x, y, w, h };
    [x, rowHeight] = [x + w, h];
    return place;
  });
}
