import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { KubeObject } from "../kubectl.ts";

const count = 100;

/** Folders of the node as `local` volumes, which honour `fsGroup` (`hostPath` ones do not), in the default storage class. A claim takes one for good. */
export function volumes(folder: string): KubeObject[] {
  const paths = Array.from({ length: count }, (_, index) => join(folder, "volumes", String(index + 1).padStart(3, "0")));
  for (const path of paths) mkdirSync(path, { recursive: true });
  return [storageClass, ...paths.map((path, index) => volume(`local-${String(index + 1).padStart(3, "0")}`, path))];
}

const storageClass: KubeObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "local", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "kubernetes.io/no-provisioner",
  volumeBindingMode: "WaitForFirstConsumer",
};

const volume = (name: string, path: string): KubeObject => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name },
  spec: {
    capacity: { storage: "100Gi" }, // a promise that nobody checks: any claim finds room
    accessModes: ["ReadWriteOnce"],
    persistentVolumeReclaimPolicy: "Retain",
    storageClassName: "local",
    local: { path },
    nodeAffinity: {
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["node"] }] }] },
    },
  },
});
