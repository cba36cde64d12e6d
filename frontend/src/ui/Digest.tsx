import { Typography } from "antd";

/** Return a digest as people compare it: its algorithm and its first twelve digits. */
export function shortDigest(digest: string): string {
  const [algorithm, hex] = digest.split(":");
  return hex ? `${algorithm}:${hex.slice(0, 12)}…` : digest;
}

/** A digest in short; the whole of it on hover, and `copies` (or it) to the clipboard. */
export function Digest({ digest, copies = digest }: { digest: string; copies?: string }) {
  return (
    <Typography.Text copyable={{ text: copies }} style={{ whiteSpace: "nowrap" }}>
      <code title={copies}>{shortDigest(digest)}</code>
    </Typography.Text>
  );
}
