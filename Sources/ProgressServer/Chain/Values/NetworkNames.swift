import Synchronization

/// The names of the networks seen so far, each with its ``Network``.
///
/// One per process, shared by all threads that decode file rows. Names are kept for good, so
/// their number and length are limited. To look up a known name takes a short lock and allocates
/// nothing.
package final class NetworkNames: Sendable {
    /// Most different names; one more is refused.
    package static let nameLimit = 4096
    /// Longest name, in bytes of UTF-8.
    package static let nameByteLimit = 256

    private struct State {
        var names: [String] = []
        /// The same names in UTF-8.
        var texts: [[UInt8]] = []
        /// The index of a name by its hash; when two names share a hash, the later one is at the
        /// next free number.
        var indexes: [Int: UInt16] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// The network of this name.
    ///
    /// - Returns: `nil` if the name is empty or longer than ``nameByteLimit``, or if it is new and
    ///   there are ``nameLimit`` names already.
    package func network(named name: String) -> Network? {
        let bytes = Array(name.utf8)
        return self.network(named: bytes.span)
    }

    /// The network whose name is these bytes of valid UTF-8, by the rule of ``network(named:)``.
    func network(named name: Span<UInt8>) -> Network? {
        guard !name.isEmpty, name.count <= Self.nameByteLimit else { return nil }
        var hasher = Hasher()
        unsafe name.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        var key = hasher.finalize()
        return self.state.withLock { state in
            while let index = state.indexes[key] {
                if Self.isEqual(state.texts[Int(index)], name) { return Network(index: index) }
                key &+= 1
            }
            guard state.names.count < Self.nameLimit else { return nil }
            let index = UInt16(state.names.count)
            let text = name.indices.map { name[$0] }
            state.names.append(String(decoding: text, as: UTF8.self))
            state.texts.append(text)
            state.indexes[key] = index
            return Network(index: index)
        }
    }

    /// The name of a network that these names gave out.
    package func name(of network: Network) -> String {
        self.state.withLock { $0.names[Int(network.index)] }
    }
}

extension NetworkNames {
    private static func isEqual(_ text: [UInt8], _ bytes: Span<UInt8>) -> Bool {
        text.count == bytes.count && text.indices.allSatisfy { text[$0] == bytes[$0] }
    }
}
