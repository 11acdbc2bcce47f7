import type { Alert, AlertGroup } from "./alert.ts";
import { api } from "./api.ts";
import { money } from "./money.ts";
import { operator } from "./operator.ts";
import { postgres } from "./postgres.ts";
import { processes } from "./processes.ts";
import { provider } from "./provider.ts";
import { queues } from "./queues.ts";

export const alertGroups: readonly AlertGroup[] = [money, api, queues, provider, processes, postgres, operator];
export const alerts: readonly Alert[] = alertGroups.flatMap(({ rules }) => rules.filter((rule): rule is Alert => "alert" in rule));

/** The groups as Prometheus reads them. */
export function alertRules(): object {
  return {
    groups: alertGroups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) => {
        if ("record" in rule) return rule;
        const { alert, severity, for: pending, expr, summary, description } = rule;
        return { alert, expr, for: pending, labels: { severity }, annotations: { summary, description } };
      }),
    })),
  };
}
