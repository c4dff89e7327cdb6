import { expect, it } from "vitest";
import { describeBoardScanEvent } from "./board-scan.logic.js";

it("SCN-01 a map is described by what became of the modules", () => {
  const event = { type: "blueprint-reconciled", blockId: "blk_1", modulesAdded: 3 } as const;
  expect(describeBoardScanEvent(event)).toBe("service blk_1 mapped: 3 modules added");
  expect(describeBoardScanEvent({ ...event, modulesStale: 2 })).toBe("service blk_1 mapped: 3 modules added, 2 not named any more");
  expect(describeBoardScanEvent({ type: "specification-updated", blockId: "blk_1" })).toBe("specification of service blk_1 updated");
});
