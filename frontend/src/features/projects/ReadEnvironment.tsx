import type { ReactElement } from "react";
import { client, type Schemas } from "@/api/client";
import { type Versioned, versionedOf } from "@/api/versioned";
import { ReadFirst } from "@/ui/ReadFirst";

type Environment = Schemas["Environment"];

/** What a form for an environment is given: the environment as it is now, and its dialog. */
export interface EnvironmentFormProps {
  title: string;
  read: Versioned<Environment>;
  onClose: () => void;
  onReadAgain: () => void;
}

interface Props {
  environment: Environment;
  title: string;
  onClose: () => void;
  form: (props: EnvironmentFormProps) => ReactElement;
}

/** Read an environment before a dialog changes it, so that nobody else's change is lost. */
export function ReadEnvironment({ environment, title, onClose, form: Form }: Props) {
  const path = { project: environment.project, environment: environment.name };
  return (
    <ReadFirst
      title={title}
      onClose={onClose}
      read={() =>
        client
          .GET("/api/v1/projects/{project}/environments/{environment}", { params: { path } })
          .then(versionedOf)
      }
    >
      {(read, readAgain) => (
        <Form title={title} read={read} onClose={onClose} onReadAgain={readAgain} />
      )}
    </ReadFirst>
  );
}
