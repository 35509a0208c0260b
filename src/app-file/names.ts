/** What {@link SERVICE_NAME_PATTERN} says, for messages. */
export const SERVICE_NAME = "a service's name is letters, digits, - and _, 30 at most";

/** The name of a service. */
export const SERVICE_NAME_PATTERN = /^(?!__proto__$)[A-Za-z0-9_-]{1,30}$/;
