import { z } from "zod";
import { maxAmount } from "../payment/money.ts";

const error = `a whole number of minor units (satang, cents) from 1 to ${maxAmount}, without a point or quotes`;

/** An amount of money. */
export const amount = z.int({ error }).min(1, { error }).max(maxAmount, { error });
