import { useQuery } from "@tanstack/react-query";
import { Modal } from "antd";
import { Fragment, type ReactNode, useId, useState } from "react";
import type { Versioned } from "@/api/versioned";
import { QueryView } from "./QueryView";
import { useFocusReturn } from "./useFocusReturn";

interface Props<T> {
  title: string;
  read: () => Promise<Versioned<T>>;
  onClose: () => void;
  /** The form, once its object is known; `readAgain` begins anew. */
  children: (read: Versioned<T>, readAgain: () => void) => ReactNode;
}

/** Read an object before it is edited: what somebody types over does not change underneath. */
export function ReadFirst<T>({ title, read, onClose, children }: Props<T>) {
  useFocusReturn();
  const id = useId();
  const [attempt, setAttempt] = useState(0);
  const query = useQuery({
    queryKey: ["read first", id, attempt],
    queryFn: read,
    gcTime: 0,
    enabled: ({ state }) => state.data === undefined,
  });
  if (query.data)
    return <Fragment key={attempt}>{children(query.data, () => setAttempt(attempt + 1))}</Fragment>;
  return (
    <Modal open title={title} footer={null} onCancel={onClose}>
      <QueryView query={query}>{() => null}</QueryView>
    </Modal>
  );
}
