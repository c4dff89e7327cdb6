/** Branch that holds the change of a task. Every run of the task works on it, unless its pull request names another. */
export function taskBranch(task: { readonly id: string }): string {
  return `millrace/${task.id}`;
}
