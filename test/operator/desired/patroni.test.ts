import { expect, test } from "vitest";
import { patroniFile, patroniSettings } from "../../../operator/desired/patroni.ts";
import { aSystem } from "./given.ts";

test.each([
  ["a small volume", { storage: { size: "500Mi" } }, { max_wal_size: "256MB", min_wal_size: "80MB" }],
  ["one of usual size", { storage: { size: "10Gi" } }, { max_wal_size: "1024MB", min_wal_size: "1024MB" }],
  ["a larger one", { storage: { size: "50Gi" } }, { max_wal_size: "5120MB", min_wal_size: "1024MB" }],
  ["the largest", { storage: { size: "1Ti" } }, { max_wal_size: "8192MB", min_wal_size: "1024MB" }],
  [
    "a resource that says how much",
    { parameters: { min_wal_size: "2GB", max_wal_size: "4GB" } },
    { max_wal_size: "4GB", min_wal_size: "2GB" },
  ],
])("how much log comes between two checkpoints, and is kept, on %s", (_, postgres, sizes) => {
  expect(patroniSettings(aSystem({ postgres }))).toMatchObject({ postgresql: { parameters: sizes } });
});

// Patroni 4.0 takes any other refusal for the loss of the lock: it gives up without asking the standbys.
test("a leader that is refused by an API server which does not know its rights yet tries again", () => {
  expect(JSON.parse(patroniFile(aSystem(), "postgres", "required")).kubernetes.retriable_http_codes).toEqual(
    expect.arrayContaining([401, 403]),
  );
});
