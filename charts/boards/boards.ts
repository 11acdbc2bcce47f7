import type { Board } from "./board.ts";
import { money } from "./money.ts";
import { operator } from "./operator.ts";
import { overview } from "./overview.ts";
import { payments } from "./payments.ts";
import { provider } from "./provider.ts";
import { queues } from "./queues.ts";
import { runtime } from "./runtime.ts";
import { postgres, redis } from "./stores.ts";

export const boards: readonly Board[] = [overview, payments, queues, money, provider, postgres, redis, runtime, operator];
