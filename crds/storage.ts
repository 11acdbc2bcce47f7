import { z } from "zod";
import { bytes, objectName } from "./field.ts";

/** The volume of each member of a replica set. */
export const storage = (size: string) =>
  z
    .strictObject({
      size: bytes("Size of each member's volume. It may grow, if the StorageClass lets volumes grow, and never shrinks.").default(size),
      className: objectName("StorageClass of the volumes; left out: the cluster's default. It never changes.", "fast-ssd").optional(),
    })
    .prefault({})
    .describe("With backend managed: the volume of each member.");
