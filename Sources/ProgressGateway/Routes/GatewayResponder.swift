import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Everything between a parsed request and its answer, in this order: request id, bound on requests
/// in flight or waiting, path and method, body, authentication, route; then the log.
///
/// It stands in place of Hummingbird's router, which takes `//` and a trailing slash for nothing
/// and answers a wrong method with 404.
struct GatewayResponder: HTTPResponder {
    typealias Context = GatewayRequestContext

    let authenticator: Authenticator
    let routes: RouteTable
    let requestsInFlight: RequestGate
    let waitingRequests: RequestGate
    let accessLog: AccessLog

    func respond(to request: Request, context: Context) async -> Response {
        let clock = ContinuousClock()
        let start = clock.now
        let requestID = RequestID(of: request.headers)
        let match = Endpoint.match(target: request.head.path ?? "")
        var principal: Principal?
        var failure: HTTPFailure?
        var response: Response
        do {
            response = try await self.answer(
                request.head,
                match: match,
                requestID: requestID,
                peerWatch: context.peerWatch,
                principal: &principal
            )
        } catch {
            failure = error
            response = error.response
        }
        response.headers[RequestID.fieldName] = requestID.description
        if request.method == .head { response = response.createHeadResponse() }
        self.accessLog.record(
            AccessRecord(
                requestID: requestID,
                principal: principal?.label,
                method: request.method.rawValue,
                route: match?.endpoint.template,
                target: request.head.path ?? "",
                status: response.status.code,
                byteCount: response.body.contentLength ?? 0,
                duration: clock.now - start,
                remote: context.remoteAddress,
                failure: failure
            )
        )
        return response
    }

    private func answer(
        _ head: HTTPRequest,
        match: Endpoint.Match?,
        requestID: RequestID,
        peerWatch: PeerWatch,
        principal: inout Principal?
    ) async throws(HTTPFailure) -> Response {
        let mayWait = match?.mayWait ?? false
        let gate = mayWait ? self.waitingRequests : self.requestsInFlight
        guard gate.enter() else {
            throw .overloaded.because("too many requests \(mayWait ? "waiting" : "in flight")")
        }
        defer { gate.leave() }
        guard let match else { throw .notFound }
        guard head.method == .get || head.method == .head else { throw .methodNotAllowed }
        guard !BodyRules.announcesBody(head.headerFields) else {
            throw .badRequest("a \(head.method.rawValue) request must have no body")
        }
        guard !match.endpoint.isPublic else {
            return RouteTable.answer(public: match.endpoint, fields: head.headerFields)
        }
        let caller = Caller(
            principal: try self.authenticator.authenticate(head.headerFields, at: .now),
            requestID: requestID,
            trace: head.headerFields[.traceparent].flatMap(TraceParent.init)
        )
        principal = caller.principal
        return try await self.routes.answer(
            match,
            fields: head.headerFields,
            caller: caller,
            peerWatch: peerWatch
        )
    }
}
