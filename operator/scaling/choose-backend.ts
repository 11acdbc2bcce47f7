import type { PaymentSystemSpec } from "../../crds/payment-system.ts";
import { apiServiceName, type Served } from "../metrics-api/registration.ts";
import type { Scaling } from "./scaling.ts";

type Chosen = Pick<Scaling, "backend" | "why" | "problem">;

/**
 * What scales the pools: what was asked for, or what fits a cluster in which that one serves external metrics. `trouble` is what stands in the way of
 * serving them ourselves.
 */
export function chooseBackend(asked: PaymentSystemSpec["autoscaling"]["backend"], served: Served, trouble: string | undefined): Chosen {
  switch (asked) {
    case "auto":
      return whatFits(served, trouble);
    case "external-metrics":
      return { backend: asked, why: "as spec.autoscaling.backend asks", problem: problemOfExternal(served, trouble) };
    case "keda": {
      const problem = `${apiServiceName} is not KEDA's: install KEDA, or set spec.autoscaling.backend to auto`;
      return { backend: asked, why: "as spec.autoscaling.backend asks", ...(served.by !== "keda" && { problem }) };
    }
    case "direct":
      return { backend: asked, why: "as spec.autoscaling.backend asks" };
  }
}

function whatFits(served: Served, trouble: string | undefined): Chosen {
  switch (served.by) {
    case "nobody":
    case "us":
      return { backend: "external-metrics", why: "nobody else serves external metrics here", problem: problemOfExternal(served, trouble) };
    case "keda":
      return { backend: "keda", why: `KEDA (${served.service}) serves external metrics here` };
    case "another":
      return { backend: "direct", why: `${served.service} serves external metrics here, and there can be one only` };
    case "unknown":
      return { backend: "direct", why: "the operator may not see who serves external metrics here" };
  }
}

/** What is served by another may be set up to tell of our queues: the autoscaler's own words then say whether it does. */
function problemOfExternal(served: Served, trouble: string | undefined): string | undefined {
  if (trouble !== undefined && (served.by === "us" || served.by === "nobody")) return trouble;
  if (served.by === "us" && !served.available) return `the API server does not reach the operator for ${apiServiceName}: ${served.message}`;
  if (served.by === "unknown") return "the operator may not serve external metrics: its installation is for some namespaces only";
  return undefined;
}
