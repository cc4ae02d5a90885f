import Logging
import ProgressTokens
import Synchronization

/// The tokens of a file, kept as it changes.
///
/// A file that cannot be read changes nothing: the tokens known before stay valid, and the log says
/// so, once.
final class TokenSource: Sendable {
    private let store: TokenFileStore
    private let logger: Logger
    private let current: Mutex<Content>
    /// Held while the file is read again: of two readings at once, the older must not win.
    private let reading = Mutex(())

    private struct Content {
        var ring: TokenRing
        var file: [TokenRecord]
        /// What was wrong at the last reading, so that it is said once and not every poll.
        var mistake: TokenFileError?
    }

    /// Reads the file for the first time.
    ///
    /// - Throws: ``TokenFileError`` if it cannot be read: there is nothing to fall back to yet.
    init(store: TokenFileStore, logger: Logger) throws(TokenFileError) {
        let file = try store.read()
        self.store = store
        self.logger = logger
        self.current = Mutex(Content(ring: TokenRing(file), file: file.records))
    }

    /// The tokens as last read.
    var ring: TokenRing { self.current.withLock { $0.ring } }

    /// Reads the file again; blocks the thread for as long as that takes.
    func reload() {
        self.reading.withLock { _ in self.readAgain() }
    }

    private func readAgain() {
        do {
            let file = try self.store.read()
            let isChanged = self.current.withLock { content in
                let isChanged = content.file != file.records || content.mistake != nil
                content = Content(ring: TokenRing(file), file: file.records)
                return isChanged
            }
            if isChanged {
                self.logger.notice(
                    "read the tokens again",
                    metadata: ["tokens": "\(file.records.count)"]
                )
            }
        } catch {
            let isNew = self.current.withLock { content in
                defer { content.mistake = error }
                return content.mistake != error
            }
            if isNew {
                self.logger.error(
                    "the token file cannot be used; the tokens known before stay valid",
                    metadata: ["reason": "\(error)"]
                )
            }
        }
    }
}
