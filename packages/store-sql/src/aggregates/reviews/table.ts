export interface ReviewTables {
  reviews: ReviewRow;
  review_items: ReviewItemRow;
}

export interface ReviewRow {
  workspace_id: string;
  id: string;
  block_id: string;
  run_id: string;
  kind: string;
  iteration: number;
  status: string;
  document: string | null;
  description: string;
  model: string | null;
  created_at: number;
}

export interface ReviewItemRow {
  workspace_id: string;
  review_id: string;
  id: string;
  position: number;
  category: string;
  severity: string;
  title: string;
  detail: string;
  status: string;
  reply: string | null;
}
