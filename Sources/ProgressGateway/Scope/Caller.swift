/// On whose behalf the server is asked, and what the logs on both sides know the request by.
struct Caller: Sendable {
    let principal: Principal
    let requestID: RequestID
    let trace: TraceParent?
}
