import { z } from "zod";
import { hostName, objectName, whole } from "./field.ts";
import { replicas, resources } from "./pods.ts";
import { annotations } from "./texts.ts";

const ingress = z
  .strictObject({
    host: hostName("Host name that merchants call, such as pay.example.com."),
    className: objectName("IngressClass that serves it; left out: the cluster's default.", "nginx").optional(),
    tlsSecretName: objectName("Secret of type kubernetes.io/tls for the host; left out: plain HTTP.", "pay-example-com-tls").optional(),
    annotations: annotations(
      [{ "cert-manager.io/cluster-issuer": "letsencrypt" }],
      "Annotations of the Ingress, such as those that cert-manager or the controller read.",
    ),
  })
  .optional()
  .describe("Makes the API reachable from outside by an Ingress; left out: only a Service is made.");

const admission = z
  .strictObject({
    maxWaitSeconds: whole(1, 3600).default(60).describe("Refuse new payments (429, 503) while the estimated wait is longer than this."),
    requestsPerSecondPerMerchant: whole(1, 100_000)
      .default(100)
      .describe("Requests a second that one merchant may make; more are answered 429."),
  })
  .prefault({})
  .describe("What is refused at the door, before it costs anything.");

export const api = z
  .strictObject({
    replicas: replicas("the API", 2, 10),
    targetCPUPercent: whole(10, 95).default(70).describe("Average CPU, in percent of what is asked for, above which pods are added."),
    resources: resources("the API", "250m", "256Mi"),
    admission,
    ingress,
  })
  .prefault({})
  .describe("The HTTP API that merchants call.");
