import { getRouteApi } from "@tanstack/react-router";

const route = getRouteApi("/app/projects/$project/roll-out");

/** What was chosen so far, as it stands in the address. */
export interface Choice {
  environment?: string;
  service?: string;
  /** Present where the service is a new one. */
  create?: string;
  model?: string;
  version?: string;
}

type Changed = { [Key in keyof Choice]?: string | undefined };

/** The choice of the page, and how it is changed; what is undefined is taken back. */
export function useChoice(): [Choice & { project: string }, (change: Changed) => void] {
  const { project } = route.useParams();
  const choice = route.useSearch();
  const navigate = route.useNavigate();
  const choose = (change: Changed) =>
    void navigate({
      search: (before) => kept({ ...before, ...change }),
      replace: true,
      resetScroll: false,
    });
  return [{ ...choice, project }, choose];
}

function kept(choice: Changed): Choice {
  return Object.fromEntries(Object.entries(choice).filter(([, value]) => value));
}
