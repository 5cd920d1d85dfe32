/** The permissions that this room asks for, by their numbers in the REST API. */
export const MANAGE_TEMPLATES = 1;
/** See above. */
export const MANAGE_VARIABLES = 6;
