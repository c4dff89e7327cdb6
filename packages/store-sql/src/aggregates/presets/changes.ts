import type { PresetChanges } from "@millrace/kernel";
import { toCommit, workspaceRef, type ChangeHandlers } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { PresetRow } from "./table.js";

export function presetChanges({ db }: SqlBuilder): ChangeHandlers<PresetChanges> {
  const put = statement<PresetRow>()((p) =>
    db
      .insertInto("presets")
      .values({ workspace_id: p("workspace_id"), id: p("id"), document: p("document") })
      .onConflict((conflict) => conflict.columns(["workspace_id", "id"]).doUpdateSet((eb) => ({ document: eb.ref("excluded.document") }))),
  );
  return {
    "put-preset": ({ preset }) => {
      const row = {
        workspace_id: preset.workspaceId,
        id: preset.id,
        document: JSON.stringify(preset),
      };
      return [{ ...toCommit(put, row), needs: [workspaceRef(preset.workspaceId)] }];
    },
  };
}
