/** How a list that is ordered so is ordered after another press on a title: so, turned, as before. */
export function nextOrdering(ordering: string | undefined, sortBy: string): string | undefined {
  if (ordering === sortBy) return turned(sortBy);
  return ordering === turned(sortBy) ? undefined : sortBy;
}

/** Say how a column is ordered, in the words of ARIA; undefined if the list is ordered by another. */
export function directionOf(
  ordering: string | undefined,
  sortBy: string,
): "ascending" | "descending" | undefined {
  if (ordering !== sortBy && ordering !== turned(sortBy)) return undefined;
  return ordering.startsWith("-") ? "descending" : "ascending";
}

/** Return both orders of what is sorted by a term, the one of the first press first. */
export function ordersOf(sortBy: string): string[] {
  return [sortBy, turned(sortBy)];
}

function turned(term: string): string {
  return term.startsWith("-") ? term.slice(1) : `-${term}`;
}
