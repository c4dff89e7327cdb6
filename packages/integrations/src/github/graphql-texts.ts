/** Every GraphQL document that Millrace sends: what REST does not offer, or offers one item at a time only. */

/** Status of many pull requests by node id. */
export const PULL_REQUEST_STATUSES = `query MillracePullRequestStatuses($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on PullRequest {
      id
      state
      mergeable
      headRefName
      headRefOid
      baseRefName
      baseRef { target { oid } }
      headRef { target { oid ... on Commit { statusCheckRollup { contexts(first: 100) {
        totalCount
        nodes { __typename ... on CheckRun { id status conclusion } ... on StatusContext { id state } }
      } } } } }
    }
  }
}`;

/** Merge-queue entry of a pull request, and the last event of its entering or leaving the queue. */
export const MERGE_QUEUE = `query MillraceQueue($id: ID!) {
  node(id: $id) {
    ... on PullRequest {
      isMergeQueueEnabled
      mergeQueueEntry { state position }
      timelineItems(last: 1, itemTypes: [ADDED_TO_MERGE_QUEUE_EVENT, REMOVED_FROM_MERGE_QUEUE_EVENT]) {
        nodes { __typename ... on AddedToMergeQueueEvent { createdAt } ... on RemovedFromMergeQueueEvent { createdAt reason } }
      }
    }
  }
}`;

/** Adds a pull request to the merge queue of its base, if its head is still `head`. */
export const ENQUEUE = `mutation MillraceEnqueue($id: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: { pullRequestId: $id, expectedHeadOid: $head }) { mergeQueueEntry { state position } }
}`;

/** Removes a pull request from the merge queue. */
export const DEQUEUE = `mutation MillraceDequeue($id: ID!) {
  dequeuePullRequest(input: { id: $id }) { mergeQueueEntry { id } }
}`;
