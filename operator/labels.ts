/** Labels of everything that we make. The first finds all of it, the first two what belongs to one system of a namespace. */
export const label = {
  managedBy: "app.kubernetes.io/managed-by",
  instance: "app.kubernetes.io/instance",
  component: "app.kubernetes.io/component",
  name: "app.kubernetes.io/name",
} as const;

export const managedBy = "satang-operator";
export const ours = `${label.managedBy}=${managedBy}`;

/** Which intent was last applied, as a hash. */
export const intentAnnotation = "satang.dev/intent";

/** Owner of the fields that we apply; of `replicas`, which an autoscaler may take over; and of the status. */
export const fieldManager = { objects: "satang-operator", replicas: "satang-operator-replicas", status: "satang-operator-status" } as const;
