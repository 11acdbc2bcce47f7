import type { Redis } from "ioredis";
import type { Payment } from "../payment/payment.ts";

type Owner = { readonly merchantId: string };

export const paymentKey = ({ merchantId }: Owner, id: string): string => `satang:payment:${merchantId}:${id}`;
export const goneKey = (key: string): string => `${key}:gone`;

const keptSeconds = 10;
// Longer than any read that began before the change can take: what it read must not be kept after it.
const goneSeconds = 60;

/** Keeps a payment for all processes, unless it was forgotten a moment ago: who read it before the change comes too late. */
export async function remember(redis: Redis, key: string, payment: Payment): Promise<void> {
  await redis.eval(keep, 2, key, goneKey(key), JSON.stringify(payment), keptSeconds);
}

const keep = "if redis.call('exists', KEYS[2]) == 0 then redis.call('set', KEYS[1], ARGV[1], 'EX', ARGV[2]) end return 0";

/** A payment has changed: nobody reads it from Redis for a while. Best effort; what is kept ends by itself after ten seconds. */
export async function forgetPayment(redis: Redis, owner: Owner, id: string): Promise<void> {
  const key = paymentKey(owner, id);
  await redis.multi().set(goneKey(key), "1", "EX", goneSeconds).del(key).exec();
}
