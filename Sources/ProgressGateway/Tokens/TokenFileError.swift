/// Why a token file cannot be read, or not be changed as asked.
package struct TokenFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was found and what is allowed; for whoever keeps the file, never for a remote caller.
    package let message: String

    init(_ message: String) {
        self.message = message
    }

    package var description: String { self.message }
}
