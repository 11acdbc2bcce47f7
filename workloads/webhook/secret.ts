import { randomBytes } from "node:crypto";

/** 256 bits. */
export const newSecret = (): Buffer => randomBytes(32);

/** As Standard Webhooks writes it, and its libraries take it. */
export const shownSecret = (secret: Buffer): string => `whsec_${secret.toString("base64")}`;
