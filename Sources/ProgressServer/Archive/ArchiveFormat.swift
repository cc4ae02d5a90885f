import ProgressChain
import ProgressRPC

/// The bytes of an archive, version 1; why so is in `docs/decisions/0008-archive-format.md`.
///
///     archive   header, block ..., end                      integers are little-endian
///
///     header    0  magic, 8 bytes                           block   0  1 (4 bytes)
///               8  format version (4)                               4  file count (4)
///              12  byte count n of the database name (4)            8  revision (8, signed)
///              16  system identifier (8)                           16  raw byte count (4)
///              24  start of the postmaster, µs (8, signed)         20  byte count n (4)
///              32  start of statistics, µs (8, signed)             24  LZ4 block, n bytes
///              40  xmax of a snapshot (8)                        24+n  checksum (4)
///              48  database name, n bytes of UTF-8
///            48+n  checksum (4)                            end     0  2 (4 bytes)
///                                                                   4  block count (4)
///                                                                   8  file count (8)
///                                                                  16  checksum (4)
///
/// Each checksum is the ``CRC32C`` of all bytes before it but the checksums, from the start of the
/// archive, so that blocks cannot be lost, swapped or taken from another archive.
///
/// Expanded, a block is columns over its f files and r ranges. A *number* is a LEB128 of 64 bits; a
/// *step* is the number that is zigzag of the difference (mod 2^64) to what is named, 0 at first.
///
///     name count, then each name: byte count, UTF-8         numbers
///     f ids                                                 steps from the id before
///     f row versions                                        steps from the one before
///     f sizes                                               numbers
///     f seconds of the time                                 steps from the seconds before
///     f nanoseconds of the time                             4 bytes each
///     f range counts                                        numbers
///     r networks                                            numbers: place among the names
///     r starts                                              steps from the network's last end
///     r ends                                                steps from the start
///     r pairs of hash and previous hash                     numbers: 0 none · 1 the next of the
///                                                           hashes · 2+d the one d before the last
///     hashes, in the order of their first use               32 bytes each, to the end of the block
enum ArchiveFormat {
    static let magic: [UInt8] = [0x89] + Array("PROGSEG".utf8)
    static let version: UInt32 = 1

    static let headerByteCount = 48
    static let blockHeadByteCount = 24
    static let endByteCount = 20
    static let checksumByteCount = 4
    static let blockMark: UInt32 = 1
    static let endMark: UInt32 = 2

    /// Most blocks of an archive.
    static let blockLimit = 1 << 16
    /// Most files of a block.
    static let fileLimit = 1 << 14
    /// Most ranges of a block, and so of a file.
    static let rangeLimit = 20_000
    /// Most bytes of a block, expanded (4 MiB); the limits of names, files and ranges keep within.
    static let rawByteLimit = 4 << 20
    /// Most bytes of a block on disk.
    static let blockByteLimit = LZ4Block.byteCountLimit(rawCount: rawByteLimit)
    /// Most bytes that the blocks limits let a block have.
    static let largestRawByteCount =
        10 + NetworkNames.nameLimit * (2 + NetworkNames.nameByteLimit)
        + fileLimit * (10 + 10 + 10 + 10 + 4 + 3)
        + rangeLimit * (2 + 10 + 10 + 3 + 3 + 2 * BlockHash.byteCount)
}
