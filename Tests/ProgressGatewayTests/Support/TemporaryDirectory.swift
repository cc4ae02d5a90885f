import FoundationEssentials

/// Runs `body` with the path of a new, empty directory, and removes it afterwards.
@discardableResult
func withTemporaryDirectory<Value>(_ body: (String) throws -> Value) throws -> Value {
    let path = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

/// Runs `body` with the path of a new, empty directory, and removes it afterwards.
@discardableResult
func withTemporaryDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let path = try makeTemporaryDirectory()
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

private func makeTemporaryDirectory() throws -> String {
    // Short, as a socket's path has room for 107 bytes.
    let path = "/tmp/gw-\(UInt32.random(in: 0...UInt32.max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    return path
}
