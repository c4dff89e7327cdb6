export interface ServiceTables {
  services: ServiceRow;
  service_shares: ShareRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type ServiceRow = {
  id: string;
  account_id: string;
  home_id: string;
  title: string;
  type: string | null;
  /** JSON of the reference. */
  repository: string | null;
  /** Name of the forge and id of the repository, by which services are compared. */
  repository_key: string | null;
  directory: string | null;
  /** The folder in lower case, with a slash at its end; a slash alone: the repository. */
  folder: string;
  created_at: number;
  /** 1: it is closing. */
  closing: number;
  due_at: number | null;
};

export type ShareRow = {
  account_id: string;
  service_id: string;
  board_id: string;
  due_at: number | null;
};
