/** Drop what is not filtered by. */
export function withoutEmpty<Key extends string>(
  search: { [Name in Key]?: string | undefined },
): { [Name in Key]?: string } {
  const kept = Object.entries(search).filter(([, value]) => value);
  return Object.fromEntries(kept) as { [Name in Key]?: string };
}
