import NIOCore
import ServiceLifecycle

/// Lets a request wait only as long as somebody waits for its answer.
struct PeerWatch: Sendable {
    private let channel: any Channel

    /// - Parameter channel: The connection of the request, behind ``ConnectionRules``.
    init(channel: any Channel) {
        self.channel = channel
    }

    /// Why nothing is waited for any more.
    private enum Interruption: String {
        case peerLeft = "the caller left while it waited"
        case stopping = "the gateway stops"
    }

    private enum Outcome<Value: Sendable> {
        case ended(Result<Value, HTTPFailure>)
        case interrupted(Interruption)
    }

    /// Runs `body`, and cancels it when the peer ends its side of the connection or the process
    /// begins to stop.
    ///
    /// - Throws: ``HTTPFailure``: what `body` throws, or 503 `SERVICE_UNAVAILABLE`.
    func whileWaited<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(HTTPFailure) -> Value
    ) async throws(HTTPFailure) -> Value {
        let (interruptions, signal) = AsyncStream.makeStream(
            of: Interruption.self,
            bufferingPolicy: .bufferingOldest(1)
        )
        self.tell(PeerDeparture { signal.yield(.peerLeft) })
        defer { self.tell(PeerDeparture(notify: nil)) }
        let outcome = await withGracefulShutdownHandler {
            await self.first(of: body, interruptions)
        } onGracefulShutdown: {
            signal.yield(.stopping)
        }
        switch outcome {
        case .ended(let result): return try result.get()
        case .interrupted(let interruption):
            throw .unavailable(retryAfter: nil).because(interruption.rawValue)
        }
    }

    private func first<Value: Sendable>(
        of body: @escaping @Sendable () async throws(HTTPFailure) -> Value,
        _ interruptions: AsyncStream<Interruption>
    ) async -> Outcome<Value> {
        await withTaskGroup(of: Outcome<Value>.self) { group in
            group.addTask {
                do throws(HTTPFailure) {
                    return .ended(.success(try await body()))
                } catch {
                    return .ended(.failure(error))
                }
            }
            group.addTask {
                for await interruption in interruptions { return .interrupted(interruption) }
                return .interrupted(.stopping)
            }
            let outcome = await group.next() ?? .interrupted(.stopping)
            group.cancelAll()
            return outcome
        }
    }

    private func tell(_ event: PeerDeparture) {
        self.channel.triggerUserOutboundEvent(event, promise: nil)
    }
}

/// Asks ``ConnectionRules`` to tell when the peer ends its side of the connection; at once if it has.
struct PeerDeparture: Sendable {
    /// `nil`: nobody wants to know any more.
    var notify: (@Sendable () -> Void)?
}
