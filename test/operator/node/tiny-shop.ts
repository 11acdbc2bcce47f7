/** The least that is a whole system: one pod of everything, so that what a test is not about starts quickly. */
export const tinyShop = {
  api: { replicas: { min: 1, max: 2 }, resources: { cpu: "50m", memory: "256Mi" } },
  workers: [
    { name: "all", queues: ["payments", "refunds", "webhooks"], replicas: { min: 1, max: 2 }, resources: { cpu: "50m", memory: "256Mi" } },
  ],
  postgres: { instances: 1, durability: "preferred", resources: { cpu: "100m", memory: "512Mi" }, storage: { size: "1Gi" } },
  redis: { replicas: 1, resources: { cpu: "50m", memory: "128Mi" } },
};

/** The same with three of Redis: one alone has no Sentinel. */
export const tinyShopWithSentinels = { ...tinyShop, redis: { ...tinyShop.redis, replicas: 3 } };
