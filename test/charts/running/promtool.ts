import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { needPrometheus } from "./prometheus.ts";

/** Series by their name with labels, and a value a minute as promtool writes them: `0+60x420`. */
export type SeriesOf = Readonly<Record<string, string>>;

/** Which alerts fire at a moment such as `30m`. Throws with what promtool says where others do, or where one does not. */
export async function expectFiring(
  rules: string,
  { series, at, alerts }: { series: SeriesOf; at: string; alerts: readonly string[] },
): Promise<void> {
  needPrometheus();
  const folder = mkdtempSync(join(tmpdir(), "satang-promtool-"));
  const file = join(folder, "test.yaml");
  const expected = alerts.map((name) => ({ labels: `{alertname="${name}"}`, value: 1 }));
  const tests = {
    rule_files: [rules],
    evaluation_interval: "1m",
    tests: [
      {
        interval: "1m",
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: [{ expr: 'group by (alertname) (ALERTS{alertstate="firing"})', eval_time: at, exp_samples: expected }],
      },
    ],
  };
  try {
    writeFileSync(file, JSON.stringify(tests)); // JSON is YAML
    await promisify(execFile)("promtool", ["test", "rules", file]);
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${stdout}${stderr}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
