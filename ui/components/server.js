// Where the server is: the modules lie at BASE/live/DIGEST/, and what they fetch beside them.

export const base = new URL("../../../", import.meta.url)
export const live = new URL("../", import.meta.url)
