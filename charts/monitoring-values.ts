import { z } from "zod";
import { list, map, object, text } from "./value.ts";

const enabled = z.boolean().default(false);
const labels = map("Labels by which your Prometheus selects it, such as release: prometheus.");

/** Each is off until asked for: the first two need the CRDs of the Prometheus operator. */
export const monitoringValues = {
  metrics: object("What Prometheus shall do.", {
    podMonitor: object(
      "Reads the metrics of the operator, and of the processes and Postgres members of every PaymentSystem that it takes.",
      {
        enabled: enabled.describe("Make two PodMonitors."),
        labels,
        interval: text("15s", "How often.", /^[1-9][0-9]*(ms|s|m)$/),
      },
    ),
    prometheusRule: object("The alerts of docs/runbooks.", {
      enabled: enabled.describe("Make a PrometheusRule."),
      labels,
      exclude: list(z.string(), "Alerts that you do not want, by name."),
      runbookUrl: text(
        "",
        "Where the pages of docs/runbooks are served, with a slash at its end: runbook_url is this and the alert's name with .md. Left out: no runbook_url.",
      ),
    }),
  }),
  dashboards: object("Boards for Grafana, as ConfigMaps that its sidecar finds.", {
    enabled: enabled.describe("Make them."),
    namespace: text("", "Where; left out: where the release is."),
    label: text("grafana_dashboard", "Label that the sidecar looks for."),
    labelValue: text("1", "Value of that label."),
    annotations: map("Annotations, such as grafana_folder: Satang."),
  }),
};
