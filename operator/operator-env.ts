/** What whoever installs the operator promises its process; `KUBERNETES_SERVICE_HOST`, `_PORT` and the mounted token are the kubelet's. */
export type OperatorEnv = {
  /** Images for systems that name none; of the operator's own version. */
  WORKLOADS_IMAGE: string;
  POSTGRES_IMAGE: string;
  REDIS_IMAGE: string;
  /** Name of the pod: by it the leader is known. */
  POD_NAME: string;
  /** Namespaces whose PaymentSystems it takes, by comma; default: all. Rights in these are then enough. */
  WATCH_NAMESPACES?: string;
  /** Outside a cluster: the kubeconfig that says where the API server is, and as whom to speak to it. */
  KUBECONFIG?: string;
  /** pino level; default `info`. */
  LOG_LEVEL?: string;
  /** Port of probes and metrics; default 9090. */
  MANAGEMENT_PORT?: string;
  /** Port of `external.metrics.k8s.io`, over TLS; default 8443. */
  METRICS_API_PORT?: string;
  /** Name of the Service that leads to that port, and of the ClusterRole that the installation has made; default `satang-operator`. */
  INSTALLED_AS?: string;
};

/** Where the API server reaches `external.metrics.k8s.io`: at the Service, and at each pod behind it. */
export const metricsApiPorts = { service: 443, pod: 8443 } as const;
