import type { PresetChanges } from "@millrace/kernel";
import { toCommit, workspaceRef, type ChangeHandlers } from "../../commit/commit-statement.js";
import type { SqlBuilder } from "../../connection.js";
import { statement } from "../../statement.js";
import type { PresetRow } from "./table.js";

export function presetChanges({ db }: SqlBuilder): ChangeHandlers<PresetChanges> {
  const put = statement<PresetRow>()((p) =>
    db
      .insertInto("presets")
      .values({ workspace_id: p("workspace_id"), id: p("id"), is_default: p("is_default"), document: p("document") })
      .onConflict((conflict) =>
        conflict
          .columns(["workspace_id", "id"])
          .doUpdateSet((eb) => ({ is_default: eb.ref("excluded.is_default"), document: eb.ref("excluded.document") })),
      ),
  );
  return {
    "put-preset": ({ preset }) => {
      const row = {
        workspace_id: preset.workspaceId,
        id: preset.id,
        is_default: preset.isDefault ? 1 : 0,
        document: JSON.stringify(preset),
      };
      return [{ ...toCommit(put, row), needs: [workspaceRef(preset.workspaceId)] }];
    },
  };
}
