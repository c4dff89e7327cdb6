export interface PresetTables {
  presets: PresetRow;
}

export interface PresetRow {
  workspace_id: string;
  id: string;
  document: string;
}
