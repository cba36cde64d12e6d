import { Tag } from "antd";

/** Labels as Kubernetes writes them: `key=value`. */
export function Labels({ labels }: { labels: Record<string, string> }) {
  return (
    <span>
      {Object.entries(labels).map(([key, value]) => (
        <Tag key={key} style={{ maxWidth: 240, overflow: "hidden", textOverflow: "ellipsis" }}>
          <span title={`${key}=${value}`}>{value ? `${key}=${value}` : key}</span>
        </Tag>
      ))}
    </span>
  );
}
