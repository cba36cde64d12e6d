import { SearchOutlined } from "@ant-design/icons";
import { Input } from "antd";
import { useEffect, useRef, useState } from "react";

/** How long nobody types before the server is asked. */
const PAUSE_MS = 300;

interface Props {
  label: string;
  value: string;
  onSearch: (text: string) => void;
  width?: number;
}

/** A search that follows what is typed, after a pause, and what the address says. */
export function SearchBox({ label, value, onSearch, width = 280 }: Props) {
  const [text, setText] = useState(value);
  const asked = useRef(value);
  useEffect(() => {
    // The address changed by itself: back, forward, or a link.
    if (value === asked.current) return;
    asked.current = value;
    setText(value);
  }, [value]);
  useEffect(() => {
    if (text.trim() === asked.current) return;
    const place = window.location.pathname;
    const timer = setTimeout(() => {
      // A link that was followed meanwhile is not overtaken.
      if (window.location.pathname !== place) return;
      asked.current = text.trim();
      onSearch(asked.current);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, onSearch]);
  return (
    <Input
      allowClear
      data-filter
      aria-label={label}
      placeholder={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      prefix={<SearchOutlined />}
      style={{ width }}
    />
  );
}
