/** What there is to choose from, as far as it was fetched. */
export interface Listed {
  results: { name: string }[];
  next: string | null;
}

/** Return whether a name is not there; a list that has not come, or that goes on, does not say so. */
export function isMissing(name: string | undefined, list: Listed | undefined): boolean {
  if (!name || !list || list.next !== null) return false;
  return !list.results.some((one) => one.name === name);
}
