/** What the aggregator asks of every API beside its objects, and must never find empty: an empty list stops deletions of whole namespaces. */

export const group = "external.metrics.k8s.io";
export const version = "v1beta1";
export const groupVersion = `${group}/${version}`;

/** Of `APIGroupDiscoveryList`: the API server asks by exactly this media type, and looks for it in the answer. */
export const discoveryType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

export const resourceList = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion,
  resources: [{ name: "externalmetrics", singularName: "", namespaced: true, kind: "ExternalMetricValueList", verbs: ["get"] }],
};

export const discoveryList = {
  kind: "APIGroupDiscoveryList",
  apiVersion: "apidiscovery.k8s.io/v2",
  metadata: {},
  items: [
    {
      metadata: { name: group },
      versions: [
        {
          version,
          freshness: "Current",
          resources: [
            {
              resource: "externalmetrics",
              responseKind: { group, version, kind: "ExternalMetricValueList" },
              scope: "Namespaced",
              singularResource: "",
              verbs: ["get"],
            },
          ],
        },
      ],
    },
  ],
};

const versions = [{ groupVersion, version }];
export const apiGroup = { kind: "APIGroup", apiVersion: "v1", name: group, versions, preferredVersion: versions[0] };
export const apiGroupList = { kind: "APIGroupList", apiVersion: "v1", groups: [{ name: group, versions, preferredVersion: versions[0] }] };

export const openapiV2 = { swagger: "2.0", info: { title: "Satang external metrics", version: "v1" }, paths: {} };
export const openapiV3 = { paths: {} };

/** A refusal as Kubernetes writes it. An HPA shows `message` word for word. */
export const status = (code: number, reason: string, message: string) => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message,
  reason,
  code,
});
