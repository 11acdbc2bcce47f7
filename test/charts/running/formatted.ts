import type { Panel } from "../../../charts/boards/board.ts";

/** A figure as a board shows it. */
export function formatted(value: number, unit: Panel["unit"]): string {
  switch (unit) {
    case "s":
      return value >= 1 || value === 0 ? `${short(value)} s` : `${short(value * 1000)} ms`;
    case "reqps":
    case "ops":
      return `${short(value)}/s`;
    case "percentunit":
      return `${short(value * 100)} %`;
    case "bytes":
      return `${short(value / 2 ** 20)} MiB`;
    case "short":
      return short(value);
  }
}

const short = (value: number): string =>
  value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(Number(value.toPrecision(3)));
