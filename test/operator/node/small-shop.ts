/** A whole system, Postgres with two standbys, in what a small node can give beside its own parts. */
export const smallShop = {
  api: { replicas: { min: 2, max: 2 }, resources: { cpu: "50m", memory: "256Mi" } },
  workers: [
    { name: "payments", queues: ["payments", "refunds"], replicas: { min: 1, max: 2 }, resources: { cpu: "50m", memory: "256Mi" } },
    { name: "webhooks", queues: ["webhooks"], replicas: { min: 1, max: 2 }, resources: { cpu: "50m", memory: "256Mi" } },
  ],
  postgres: { instances: 3, resources: { cpu: "100m", memory: "512Mi" }, storage: { size: "1Gi" } },
  redis: { replicas: 1, resources: { cpu: "50m", memory: "128Mi" } },
};
