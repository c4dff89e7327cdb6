/** @packageDocumentation Conformance suites for vitest, for adapters of the store and the forge ports. */
export { describeStoreConformance } from "./conformance/store/describe-store-conformance.js";
export type { StoreHarness, StoreUnderTest } from "./conformance/store/store-case.js";
export { FIRST_FILES as FORGE_FIRST_FILES } from "./conformance/forge/harness.js";
export type { FileChanges, ForgeHarness, ForgeHarnessOptions } from "./conformance/forge/harness.js";
export { describeForgeConformance } from "./conformance/forge/suite.js";
export type { ForgeConformanceOptions } from "./conformance/forge/suite.js";
