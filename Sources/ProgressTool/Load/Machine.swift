import FoundationEssentials
import Glibc

/// What the run was made on.
struct Machine: Codable, Equatable, Sendable {
    /// Such as `Linux 6.1.0-18-amd64`.
    var kernel: String
    /// Such as `x86_64`.
    var architecture: String
    /// As the kernel names it; empty if it does not.
    var processor: String
    /// Processors that this program may use.
    var processorCount: Int

    /// This machine.
    static func current() -> Machine {
        var name = utsname()
        uname(&name)
        let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = info.split(separator: "\n").first { $0.hasPrefix("model name") }
        let processor = model?.split(separator: ":", maxSplits: 1).last ?? ""
        return Machine(
            kernel: "\(text(name.sysname)) \(text(name.release))",
            architecture: text(name.machine),
            processor: String(processor.drop(while: \.isWhitespace)),
            processorCount: ProcessInfo.processInfo.activeProcessorCount
        )
    }
}

/// The text of a fixed array of C characters, up to its NUL.
private func text<Characters>(_ characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
