import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Everything that is built or runs for cluster tests, outside the repository. Remove it, and it is built again. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "satang");

/** A folder for each node that runs, or that ran and was not cleared up. */
export const nodesFolder = join(cacheFolder, "nodes");

export const repository = resolve(import.meta.dirname, "../../..");

/** What a failed test leaves to be looked at; ignored by git. */
export const resultsFolder = join(repository, "test/results/cluster");
