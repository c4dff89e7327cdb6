export interface DeliveryTables {
  channels: ChannelRow;
  deliveries: DeliveryRow;
}

/** A type, not an interface: a statement's arguments need an index signature. */
export type ChannelRow = {
  channel: string;
  cursor: string;
  made: number;
  lease_until: number;
  revision: number;
};

export type DeliveryRow = {
  channel: string;
  number: number;
  cursor: string;
  workspace_id: string;
  entry: string;
  status: string;
  attempts: number;
  next_attempt_at: number;
  last_error: string | null;
  /** When the event happened; 0 for deliveries that were made before this was kept. */
  at: number;
};
