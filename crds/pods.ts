import { z } from "zod";
import { bytes, cpu, whole } from "./field.ts";
import { ruled } from "./rule.ts";

/** Between how many pods something is scaled. */
export const replicas = (of: string, min: number, max: number, fewest = 1) =>
  ruled(
    z.strictObject({
      min: whole(fewest, 100)
        .default(min)
        .describe(`Fewest pods of ${of}. Local mode runs this many${fewest === 0 ? ", and at least one" : ""}.`),
      max: whole(1, 100).default(max).describe(`Most pods of ${of}.`),
    }),
    {
      cel: "self.min <= self.max",
      holds: ({ min, max }) => min <= max,
      field: "max",
      message: "is below min: raise max or lower min",
    },
  )
    .prefault({})
    .describe(`Between how many pods ${of} is scaled.`);

/** What each pod of something asks of its node. */
export const resources = (of: string, cpuRequest: string, memory: string) =>
  z
    .strictObject({
      cpu: cpu(`CPU that each pod of ${of} asks for; it may use more when the node has it.`).default(cpuRequest),
      memory: bytes(`Memory that each pod of ${of} asks for, and its limit.`).default(memory),
    })
    .prefault({})
    .describe(`What each pod of ${of} asks of its node.`);
