extension DemoStack {
    /// How long a program may take until it answers.
    private static let startTimeout = Duration.seconds(20)

    /// Waits until the server accepts connections.
    ///
    /// - Throws: ``ProgramFailure`` if it ends, or takes too long.
    func waitForSocket(of server: DemoProcess) async throws {
        try await self.wait(for: server) { canConnect(toSocket: self.directory.socket) }
    }

    /// Waits until the gateway answers a request from end to end.
    ///
    /// - Throws: ``ProgramFailure`` if it ends, or takes too long.
    func waitForAnswer(
        about job: Int64,
        from address: ListenAddress,
        with token: String,
        _ gateway: DemoProcess
    ) async throws {
        let reader = try GatewayReader(
            baseURL: address.url,
            token: token,
            timeout: .seconds(5)
        )
        try await self.wait(for: gateway) { (try? await reader.jobProgress(job)) != nil }
    }

    /// Asks again and again whether a program is ready, until it is or its time is over.
    private func wait(
        for process: DemoProcess,
        until isReady: () async -> Bool
    ) async throws {
        let deadline = ContinuousClock.now.advanced(by: Self.startTimeout)
        while await !isReady() {
            guard process.status == nil, deadline > .now else {
                throw ProgramFailure(
                    process: process,
                    patience: process.status == nil ? Self.startTimeout : nil
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
