/** Number of the permission Manage Templates in the REST API. */
export const MANAGE_TEMPLATES = 1;

/** Number of the permission Manage Variables in the REST API. */
export const MANAGE_VARIABLES = 6;
