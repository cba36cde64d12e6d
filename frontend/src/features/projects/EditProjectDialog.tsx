import { useTranslation } from "react-i18next";
import { answerOf, client, type Schemas } from "@/api/client";
import { versionedOf } from "@/api/versioned";
import { FormDialog } from "@/ui/FormDialog";
import { ReadFirst } from "@/ui/ReadFirst";
import { DescriptionFields } from "./DescriptionFields";

interface Props {
  name: string;
  onClose: () => void;
}

/** Change how a project is described, as long as nobody else has changed it meanwhile. */
export function EditProjectDialog({ name, onClose }: Props) {
  const { t } = useTranslation(["projects", "ui"]);
  const title = t("editTitle", { project: name });
  const path = { project: name };
  return (
    <ReadFirst
      title={title}
      onClose={onClose}
      read={() => client.GET("/api/v1/projects/{project}", { params: { path } }).then(versionedOf)}
    >
      {({ content: { display_name, description }, etag }, readAgain) => (
        <FormDialog<Schemas["PatchedProjectUpdateRequest"], Schemas["ProjectOverviewDetail"]>
          title={title}
          verb={t("ui:save")}
          initialValues={{ display_name, description }}
          onClose={onClose}
          onReadAgain={readAgain}
          send={(body) =>
            client
              .PATCH("/api/v1/projects/{project}", {
                params: { path, header: { "If-Match": etag } },
                body,
              })
              .then(answerOf)
          }
        >
          <DescriptionFields />
        </FormDialog>
      )}
    </ReadFirst>
  );
}
