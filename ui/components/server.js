// Where the server is: the modules lie at BASE/live/DIGEST/.

export const base = new URL("../../../", import.meta.url)
