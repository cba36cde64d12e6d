import { createLink } from "@tanstack/react-router";
import { Button } from "antd";

/** A button that leads to another page: a real link, so a middle click opens it beside this one. */
export const LinkButton = createLink(Button);
