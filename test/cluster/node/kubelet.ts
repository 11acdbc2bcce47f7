import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cgroupOf } from "./cgroups.ts";
import { kubeconfigOf, type Place, part, usualPorts } from "./control-plane.ts";
import type { Daemon } from "./daemon.ts";
import { address } from "./network.ts";

export function containerd(place: Place): Daemon {
  const cni = join(place.folder, "cni");
  mkdirSync(cni, { recursive: true });
  writeFileSync(join(cni, "10-pods.conflist"), JSON.stringify(podNetwork));
  const config = join(place.folder, "containerd.toml");
  writeFileSync(config, containerdConfig(cni));
  return part(place, "containerd", { config, "log-level": "warn" });
}

export function kubelet(place: Place, id: string): Daemon {
  const config = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    authentication: { x509: { clientCAFile: join(place.certificates, "ca.crt") } },
    tlsCertFile: join(place.certificates, "kubelet.crt"),
    tlsPrivateKeyFile: join(place.certificates, "kubelet.key"),
    clusterDNS: [address.dns],
    clusterDomain: "cluster.local",
    resolvConf: join(place.folder, "resolv.conf"),
    containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
    cgroupDriver: "cgroupfs",
    cgroupRoot: cgroupOf(id), // nodes that run at once keep apart, and what is ours can be found
    failCgroupV1: false,
    failSwapOn: false,
    evictionHard: { "memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%" }, // the machine is not ours alone
    imageGCHighThresholdPercent: 100, // never: a removed image could not be pulled again
  };
  const file = join(place.folder, "kubelet.json");
  writeFileSync(file, JSON.stringify(config, null, 2));
  const flags = {
    config: file,
    kubeconfig: kubeconfigOf(place, "kubelet", usualPorts),
    "hostname-override": "node",
    "node-ip": address.node,
  };
  return part(place, "kubelet", flags);
}

export function kubeProxy(place: Place): Daemon {
  const config = {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "nftables",
    clusterCIDR: address.pods,
    hostnameOverride: "node",
    clientConnection: { kubeconfig: kubeconfigOf(place, "proxy", usualPorts) },
    conntrack: { maxPerCore: 0 }, // a limit of the whole machine: leave it
  };
  const file = join(place.folder, "kube-proxy.json");
  writeFileSync(file, JSON.stringify(config, null, 2));
  return part(place, "kube-proxy", { config: file });
}

const podNetwork = {
  cniVersion: "1.0.0",
  name: "pods",
  plugins: [
    {
      type: "bridge",
      bridge: "pods",
      isDefaultGateway: true,
      hairpinMode: true,
      ipam: { type: "host-local", ranges: [[{ subnet: address.pods }]] },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

// restrict_oom_score_adj: where root lacks CAP_SYS_RESOURCE no pod would start without it. no_sync: a test's node need not survive the machine.
const containerdConfig = (cni: string) => `
version = 3
[plugins.'io.containerd.metadata.v1.bolt']
  no_sync = true
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "satang.test/pause:1"
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "${cni}"
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = false
`;
