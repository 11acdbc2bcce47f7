import type { Mode } from "./payment.ts";
import type { EventType } from "./settlement.ts";

/** What became true, as it is told to the merchant. `data`: the payment's changing fields right after. */
export type Event = {
  readonly bucket: number;
  readonly id: string;
  readonly mode: Mode;
  readonly type: EventType;
  readonly paymentId: string;
  readonly operationId: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
};
