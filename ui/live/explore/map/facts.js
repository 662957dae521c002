// Facts of the server's data; tests/ui/test_explore_map.py compares them with Python's.

export const TEST_IMAGES = 10000
export const TRAINING_IMAGES = 60000
export const TILE_IMAGES = 1000
export const EMBEDDING_SIDE = 65535 // Of the square in which an embedding is stored.

export const thousands = (count) => count.toLocaleString("en-US")
