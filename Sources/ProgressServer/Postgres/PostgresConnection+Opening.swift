import CLibPQ
import Glibc

let pollIn = CInt(POLLIN)
let pollOut = CInt(POLLOUT)

/// Opens a session under our own timer: `PQconnectPoll` ignores `connect_timeout`.
func openHandle(
    conninfo: String,
    applicationName: String,
    limit: WaitLimit,
    wakeUp: WakeUp?
) throws(PostgresError) -> OpaquePointer {
    // The connection string comes first: what follows it wins over it.
    let keywords = ["dbname", "client_encoding", "application_name"]
    let values = [conninfo, "UTF8", applicationName]
    let started = unsafe withCStrings(keywords) { keywords in
        unsafe withCStrings(values) { values in unsafe PQconnectStartParams(keywords, values, 1) }
    }
    guard let handle = unsafe started else {
        throw PostgresError(.resourceExhausted, "libpq is out of memory")
    }
    _ = unsafe PQsetNoticeReceiver(handle, { _, _ in }, nil)
    // Only so does the text of a failed start carry PostgreSQL's code.
    _ = unsafe PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    do throws(PostgresError) {
        try unsafe waitUntilOpen(handle, limit: limit, wakeUp: wakeUp)
    } catch {
        unsafe PQfinish(handle)
        throw error
    }
    _ = unsafe PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    return unsafe handle
}

private func waitUntilOpen(
    _ handle: OpaquePointer,
    limit: WaitLimit,
    wakeUp: WakeUp?
) throws(PostgresError) {
    guard unsafe PQstatus(handle) != CONNECTION_BAD else {
        throw unsafe connectionFailure(of: handle)
    }
    var progress = PGRES_POLLING_WRITING
    var isConnected = false
    while progress != PGRES_POLLING_OK {
        guard progress != PGRES_POLLING_FAILED else {
            var failure = unsafe connectionFailure(of: handle)
            // Taken and then closed without a word.
            if isConnected, failure.state == nil { failure.kind = .connectionLost }
            throw failure
        }
        if let violation = limit.violation { throw violation }
        let readiness = waitForReadiness(
            of: unsafe PQsocket(handle),
            events: progress == PGRES_POLLING_READING ? pollIn : pollOut,
            wakeUp: wakeUp,
            until: limit.deadline
        )
        switch readiness {
        case .ready:
            isConnected = unsafe PQstatus(handle) == CONNECTION_AWAITING_RESPONSE
            progress = unsafe PQconnectPoll(handle)
        case .woken: wakeUp?.reset()
        case .deadlinePassed: break
        }
    }
}

/// Reads PostgreSQL's code out of libpq's text, the only place that has it while connecting.
private func connectionFailure(of handle: OpaquePointer) -> PostgresError {
    let text = unsafe oneLine(PQerrorMessage(handle))
    // Such as "FATAL:  3D000: database "x" does not exist"; the first word is in the server's
    // language.
    let code = text.split(separator: " ").first { word in
        word.utf8.count == 6 && word.hasSuffix(":")
            && word.dropLast().utf8.allSatisfy { (48...57) ~= $0 || (65...90) ~= $0 }
            && word.utf8.contains { (48...57) ~= $0 }
    }
    return PostgresError(
        .connectionFailed,
        text,
        state: code.map { SQLState(rawValue: String($0.dropLast())) }
    )
}

/// The first line of a C string.
func oneLine(_ text: UnsafePointer<CChar>?) -> String {
    guard let text = unsafe text else { return "" }
    let lines = unsafe String(cString: text).split(separator: "\n", omittingEmptySubsequences: true)
    return lines.first.map(String.init) ?? "libpq gives no reason"
}
