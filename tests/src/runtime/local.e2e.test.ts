import { describeRuntimeConformance } from "./describe-runtime-conformance.fixture.js";
import { openBoard, startSecondHost } from "./local-board.fixture.js";

describeRuntimeConformance("SQLite", {
  place: async (folder) => ({ open: () => openBoard(folder), second: () => startSecondHost(folder) }),
});
