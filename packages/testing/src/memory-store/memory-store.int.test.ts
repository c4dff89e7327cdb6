import { createMemoryStore } from "./memory-store.js";
import { describeStoreConformance } from "../conformance/store/describe-store-conformance.js";

describeStoreConformance("memory", {
  open: async (clock) => ({ ...createMemoryStore({ clock }), close: async () => undefined }),
});
