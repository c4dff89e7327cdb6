/** Everything Millrace says in GraphQL, by the names of the operations: what REST does not have, or has one by one only. */

/** What may have changed about many pull requests. */
export const STANDINGS = `query MillraceStandings($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on PullRequest {
      id
      state
      mergeable
      headRefOid
      baseRef { target { oid } }
      headRef { target { oid ... on Commit { statusCheckRollup { contexts(first: 100) {
        totalCount
        nodes { __typename ... on CheckRun { id status conclusion } ... on StatusContext { id state } }
      } } } } }
    }
  }
}`;

/** Where a pull request stands in the merge queue of its base, and what became of it there last. */
export const QUEUE = `query MillraceQueue($id: ID!) {
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

export const ENQUEUE = `mutation MillraceEnqueue($id: ID!, $head: GitObjectID!) {
  enqueuePullRequest(input: { pullRequestId: $id, expectedHeadOid: $head }) { mergeQueueEntry { state position } }
}`;

export const DEQUEUE = `mutation MillraceDequeue($id: ID!) {
  dequeuePullRequest(input: { id: $id }) { mergeQueueEntry { id } }
}`;
