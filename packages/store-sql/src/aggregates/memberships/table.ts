export interface MembershipTables {
  memberships: MembershipRow;
  departures: DepartureRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type MembershipRow = {
  account_id: string;
  user_id: string;
  roles: string;
  /** 1 if the owner is among the roles. */
  is_owner: number;
  since: number;
  /** That of the account. */
  sort: string;
  revision: number;
};

export type DepartureRow = {
  account_id: string;
  user_id: string;
};
