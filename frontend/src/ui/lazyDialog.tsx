import { type ComponentType, lazy, Suspense } from "react";

/** A dialog that is fetched when it is first opened: no page waits for its forms. */
export function lazyDialog<Props extends object, Name extends string>(
  load: () => Promise<Record<Name, ComponentType<Props>>>,
  name: Name,
): ComponentType<Props> {
  const Dialog = lazy<ComponentType<Props>>(async () => ({ default: (await load())[name] }));
  return (props) => (
    <Suspense>
      <Dialog {...props} />
    </Suspense>
  );
}
