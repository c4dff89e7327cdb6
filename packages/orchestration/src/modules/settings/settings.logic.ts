/** What happened to the settings of a workspace, as one line. */
export function describeSettingsEvent(): string {
  return "settings changed";
}
