import { StarOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { lazyDialog } from "./lazyDialog";

const SavedViewsDialog = lazyDialog(() => import("./SavedViewsDialog"), "SavedViewsDialog");

/** Filters that somebody has given a name, of the list that is shown. */
export function SavedViews() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        icon={<StarOutlined aria-hidden />}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        {t("views")}
      </Button>
      {isOpen && <SavedViewsDialog onClose={() => setOpen(false)} />}
    </>
  );
}
