// A port that is most likely free: below the range that the kernel gives to clients (32768 and up on Linux).

export const randomPort = (): number => 20_000 + Math.floor(Math.random() * 12_000)
