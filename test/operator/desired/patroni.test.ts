import { expect, test } from "vitest";
import { patroniFile, patroniSettings } from "../../../operator/desired/patroni.ts";
import { aSystem } from "./given.ts";

test.each([
  ["a small volume the least that the server takes", { storage: { size: "500Mi" } }, "80MB"],
  ["a volume up to 10 GiB a tenth of it", { storage: { size: "2Gi" } }, "204MB"],
  ["a large one all that there is between two checkpoints", { storage: { size: "1Ti" } }, "1024MB"],
  ["a resource that says how much just that", { parameters: { min_wal_size: "2GB", max_wal_size: "4GB" } }, "2GB"],
])("of the log's files, %s keeps to be written over again", (_, postgres, kept) => {
  expect(patroniSettings(aSystem({ postgres }))).toMatchObject({ postgresql: { parameters: { min_wal_size: kept } } });
});

// Patroni 4.0 takes any other refusal for the loss of the lock: it gives up without asking the standbys.
test("a leader that is refused by an API server which does not know its rights yet tries again", () => {
  expect(JSON.parse(patroniFile(aSystem(), "postgres", "required")).kubernetes.retriable_http_codes).toEqual(
    expect.arrayContaining([401, 403]),
  );
});
