interface Query {
  data: unknown;
  isFetched: boolean;
}

/** Whether a query was never answered, by data or by a refusal: later it may be asked again. */
export function isUnanswered({ data, isFetched }: Query): boolean {
  return data === undefined && !isFetched;
}
