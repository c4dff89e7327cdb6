export interface RequestTables {
  requests: RequestRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type RequestRow = {
  /** Id of the workspace or account, after its kind; or the host. */
  scope: string;
  /** Of a request of a workspace. */
  workspace_id: string | null;
  caller: string;
  operation: string;
  key: string;
  digest: string;
  answer: string;
  at: number;
};
