// How slow this machine is now, to scale time limits. tests/run measures it and passes it in PACE.

/** How many times longer work takes here than on an idle machine of the reference kind; at least 1. */
export const pace = Math.max(1, Number(process.env.PACE) || 1);

/** Scales a limit that only ends a hang: milliseconds of the reference machine to milliseconds of this one. */
export const scaled = (ms) => Math.ceil(ms * pace);
