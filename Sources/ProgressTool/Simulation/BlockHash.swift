/// The hash of a block that never was: 32 bytes that follow from its number and its branch.
struct BlockHash: Hashable, Sendable {
    /// `0x` and 64 lower-case hexadecimal digits, as Amp writes it.
    var text: String

    /// The parent of block 0.
    static let zero = BlockHash(text: "0x" + String(repeating: "0", count: 64))

    init(text: String) {
        self.text = text
    }

    /// The hash of block `number` on `branch` of `network`; equal arguments give equal hashes.
    init(block number: Int64, network: String, branch: UInt64) {
        // FNV-1a of the name, then one generator for each block: enough to never collide here.
        var seed: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in network.utf8 {
            seed = (seed ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        var branchGenerator = SplitMix64(seed: seed ^ branch)
        var generator = SplitMix64(
            seed: branchGenerator.next() ^ UInt64(bitPattern: number) &* 0xD6E8_FEB8_6659_FD93
        )
        let words = (0..<4).map { _ in hexadecimal(generator.next()) }
        self.text = "0x" + words.joined()
    }

    /// The parent of block `number` on `branch`.
    static func parent(ofBlock number: Int64, network: String, branch: UInt64) -> BlockHash {
        number <= 0 ? .zero : BlockHash(block: number - 1, network: network, branch: branch)
    }
}

/// 16 lower-case hexadecimal digits.
func hexadecimal(_ word: UInt64) -> String {
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
