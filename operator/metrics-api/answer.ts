import {
  apiGroup,
  apiGroupList,
  discoveryList,
  discoveryType,
  group,
  groupVersion,
  openapiV2,
  openapiV3,
  resourceList,
  status,
} from "./documents.ts";
import { SelectorInvalid, selects } from "./label-selector.ts";
import type { QueueDepth, QueueDepths } from "./queue-depths.ts";

export type Answer = { readonly code: number; readonly type?: string; readonly body: object };

/** The metric that is served: how many operations of a queue wait or are in flight. */
export const queueDepthMetric = "satang_queue_depth";

const values = new RegExp(`^/apis/${groupVersion}/namespaces/([^/]+)/([^/]+)$`);

/** What is asked for: a document of discovery, or a metric in a namespace. */
export type Asked = { readonly path: string; readonly metric?: { readonly namespace: string; readonly name: string } };

export function askedBy(path: string): Asked {
  const [, namespace, name] = values.exec(path) ?? [];
  return namespace === undefined
    ? { path }
    : { path, metric: { namespace: decodeURIComponent(namespace), name: decodeURIComponent(name!) } };
}

/** Answers from memory. An unknown or old value is a refusal, never an empty list and never 0: both would take pods away. */
export function answer({ path, metric }: Asked, { accept, selector }: { accept: string; selector: string }, depths: QueueDepths): Answer {
  if (metric) return metricOf(metric, selector, depths);
  switch (path) {
    case "/apis":
      return accept.includes("as=APIGroupDiscoveryList")
        ? { code: 200, type: discoveryType, body: discoveryList }
        : { code: 200, body: apiGroupList };
    case `/apis/${group}`:
      return { code: 200, body: apiGroup };
    case `/apis/${groupVersion}`:
      return { code: 200, body: resourceList };
    case "/openapi/v2":
      return { code: 200, body: openapiV2 };
    case "/openapi/v3":
      return { code: 200, body: openapiV3 };
    default:
      return refusal(404, "NotFound", "the server could not find the requested resource");
  }
}

function metricOf({ namespace, name }: { namespace: string; name: string }, selector: string, depths: QueueDepths): Answer {
  if (name !== queueDepthMetric) return refusal(404, "NotFound", `there is no metric ${name}: Satang serves ${queueDepthMetric}`);
  try {
    const meant = depths.of(namespace, selects(selector));
    const silent = meant.find(({ unknown }) => unknown !== undefined);
    if (silent) return refusal(503, "ServiceUnavailable", silent.unknown!);
    if (meant.length > 0) return { code: 200, body: listOf(meant) };
    const where = `namespace ${namespace}${selector ? ` with ${selector}` : ""}`;
    return refusal(503, "ServiceUnavailable", `no queue was counted yet in ${where}: a PaymentSystem's dispatcher counts once it is ready`);
  } catch (error) {
    if (error instanceof SelectorInvalid) return refusal(400, "BadRequest", error.message);
    throw error;
  }
}

// The autoscaler adds up all items.
function listOf(found: readonly QueueDepth[]) {
  const timestamp = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const items = found.map(({ system, queue, depth }) => ({
    metricName: queueDepthMetric,
    metricLabels: { system, queue },
    timestamp,
    value: String(depth),
  }));
  return { kind: "ExternalMetricValueList", apiVersion: groupVersion, metadata: {}, items };
}

const refusal = (code: number, reason: string, message: string): Answer => ({ code, body: status(code, reason, message) });
