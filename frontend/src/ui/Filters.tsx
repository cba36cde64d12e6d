import { Flex, Select } from "antd";
import type { ReactNode } from "react";
import { withoutEmpty } from "@/lib/withoutEmpty";
import { DayField } from "./DayField";
import { SavedViews } from "./SavedViews";
import { SearchBox } from "./SearchBox";

/** One filter of a list: a text, one of several values, or a day. */
export interface Filter<Name extends string> {
  name: Name;
  label: string;
  /** What can be chosen; without it, a text is typed. */
  options?: { value: string; label: string }[];
  isDay?: boolean;
}

interface Props<Name extends string> {
  filters: Filter<Name>[];
  search: { [Key in Name]?: string };
  onChange: (search: { [Key in Name]?: string }) => void;
  /** Other filters of the page, and what can be done there. */
  children?: ReactNode;
}

/** What a list is filtered by, as the address says it, and the views that somebody has saved. */
export function Filters<Name extends string>(props: Props<Name>) {
  const { filters, search, onChange, children } = props;
  const change = (name: Name, value: string | undefined) =>
    onChange(withoutEmpty<Name>({ ...search, [name]: value }));
  return (
    <Flex gap={8} wrap align="center" className="slipway-filters">
      {filters.map((filter) => (
        <Field
          key={filter.name}
          filter={filter}
          value={search[filter.name]}
          onChange={(value) => change(filter.name, value)}
        />
      ))}
      {children}
      <SavedViews />
    </Flex>
  );
}

interface FieldProps {
  filter: Filter<string>;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

function Field({ filter: { label, options, isDay }, value, onChange }: FieldProps) {
  if (isDay) return <DayField label={label} day={value ?? ""} onChange={onChange} />;
  if (!options)
    return <SearchBox label={label} value={value ?? ""} onSearch={onChange} width={180} />;
  return (
    <Select<string>
      allowClear
      aria-label={label}
      placeholder={label}
      style={{ width: 176 }}
      popupMatchSelectWidth={false}
      // What an address names is shown as it is, though it be none of them, and can be cleared.
      value={value ?? null}
      onChange={onChange}
      options={options}
    />
  );
}
