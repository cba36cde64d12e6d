import { Button, type ButtonProps, type MenuProps } from "antd";
import { lazy, Suspense, useState } from "react";

const Dropdown = lazy(() => import("antd/es/dropdown"));

type Props = ButtonProps & { menu: MenuProps };

/** A button of the header with a menu, which is fetched when it is first opened. */
export function HeaderMenu({ menu, ...props }: Props) {
  const [isOpen, setOpen] = useState<boolean>();
  const button: ButtonProps = {
    type: "text",
    "aria-haspopup": "menu",
    style: { color: "#fff" },
    ...props,
  };
  if (isOpen === undefined) return <Button {...button} onClick={() => setOpen(true)} />;
  return (
    <Suspense fallback={<Button {...button} />}>
      <Dropdown menu={menu} trigger={["click"]} open={isOpen} onOpenChange={setOpen}>
        {/* It takes the place of the one that was pressed, and so its focus. */}
        <Button {...button} autoFocus />
      </Dropdown>
    </Suspense>
  );
}
