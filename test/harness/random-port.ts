// A port that is most likely free: below the range that the kernel gives to clients (32768 and up on Linux).

export const randomPort = (): number => 20_000 + Math.floor(Math.random() * 12_000)

/**
 * Likewise, and outside the range of every other test: for a port that is shared (SO_REUSEPORT), which the kernel
 * would share with the edges of another test run of this user as well.
 */
export const quietPort = (): number => 4_000 + Math.floor(Math.random() * 2_500)
