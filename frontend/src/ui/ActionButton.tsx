import { Button, type ButtonProps, Tooltip } from "antd";

interface Props extends ButtonProps {
  /** Why it cannot work now; empty or absent when it can. */
  whyNot?: string | undefined;
}

/** A button that says why when it cannot work; reachable by keyboard all the same. */
export function ActionButton({ whyNot, onClick, ...props }: Props) {
  if (!whyNot) return <Button onClick={onClick} {...props} />;
  const { children, "aria-label": label = children } = props;
  return (
    <Tooltip title={whyNot} trigger={["hover", "focus"]}>
      <Button
        {...props}
        htmlType="button"
        aria-disabled
        aria-label={typeof label === "string" ? `${label}: ${whyNot}` : whyNot}
        className="slipway-disabled"
      />
    </Tooltip>
  );
}
