export interface MountTables {
  mounts: MountRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type MountRow = {
  workspace_id: string;
  service_id: string;
  home_id: string;
  x: number;
  y: number;
  w: number | null;
  h: number | null;
  revision: number;
  created_at: number;
};
