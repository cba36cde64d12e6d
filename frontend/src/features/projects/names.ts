/** The rule of names that become DNS labels, as the API has it. */
export function dnsLabel(message: string, longest: number) {
  return { pattern: new RegExp(`^(?=.{1,${longest}}$)[a-z]([-a-z0-9]*[a-z0-9])?$`), message };
}
