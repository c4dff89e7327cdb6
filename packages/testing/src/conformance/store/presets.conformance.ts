import { expect } from "vitest";
import { WS, aPreset, boardOf, expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

export const presetCases: readonly StoreCase[] = [
  {
    name: "a merge preset is replaced by id, and the default one is found",
    async run({ store }) {
      await store.commit([...boardOf(WS), { change: "put-preset", preset: aPreset() }]);
      expect(await store.presets.getDefault(WS)).toBeNull();
      const preset = aPreset({ maxRisk: 0.1 });
      await store.commit([{ change: "put-preset", preset }]);
      expect(await store.presets.get(WS, preset.id)).toEqual(preset);
      expect(await store.presets.getDefault(WS)).toBeNull();
      const makeDefault = (defaultPresetId: string) =>
        store.commit([{ change: "patch-workspace", workspaceId: WS, patch: { defaultPresetId }, expected: null }]);
      await expectRefusal(makeDefault("pre_x"), "not_found");
      await makeDefault(preset.id);
      expect(await store.presets.getDefault(WS)).toEqual(preset);
      expect(await store.presets.get(WS, "pre_x")).toBeNull();
    },
  },
];
