/** What whoever installs the operator promises its process; `KUBERNETES_SERVICE_HOST`, `_PORT` and the mounted token are the kubelet's. */
export type OperatorEnv = {
  /** Image of the workloads for systems that name none; of the operator's own version. */
  WORKLOADS_IMAGE: string;
  /** Name of the pod: by it the leader is known. */
  POD_NAME: string;
  /** pino level; default `info`. */
  LOG_LEVEL?: string;
  /** Port of probes and metrics; default 9090. */
  MANAGEMENT_PORT?: string;
};
