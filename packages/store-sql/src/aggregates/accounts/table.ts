export interface AccountTables {
  accounts: AccountRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type AccountRow = {
  id: string;
  /** Place among the accounts of a person: the personal one first, then by name. */
  sort: string;
  document: string;
  /** When its deletion was asked for; null: it is not being deleted. */
  deleting_at: number | null;
  revision: number;
};
