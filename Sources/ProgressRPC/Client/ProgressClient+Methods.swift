import FoundationEssentials
public import NIOCore

/// The methods of `protocol/registry.md`.
extension ProgressClient {
    /// How far a job is.
    ///
    /// - Parameters:
    ///   - id: The job, from 1.
    ///   - knownVersion: The `version` of an answer that the caller holds.
    /// - Returns: `nil` if that answer still stands.
    /// - Throws: ``RPCError``; with reason `JOB_NOT_FOUND` if there is no such job in scope.
    public func jobProgress(
        _ id: Int64,
        knownVersion: [UInt8] = [],
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBJobProgress? {
        var request = PBGetJobProgressRequest()
        request.jobID = id
        request.knownVersion = .init(knownVersion)
        let reply = try await self.call(
            .getJobProgress,
            try request.encoded(),
            options: options
        )
        return reply.isNotModified ? nil : try PBJobProgress(decoding: reply.body)
    }

    /// Which methods the server has.
    ///
    /// - Throws: ``RPCError``.
    public func describe(
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBDescribeResponse {
        try await self.call(.describe, PBDescribeRequest(), options: options)
    }

    /// Whether the server answers.
    ///
    /// - Throws: ``RPCError``.
    public func health(
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBHealthResponse {
        try await self.call(.health, PBHealthRequest(), options: options)
    }

    /// Calls and latencies since the server started.
    ///
    /// - Throws: ``RPCError``.
    public func stats(
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBStatsResponse {
        try await self.call(.stats, PBStatsRequest(), options: options)
    }

    /// Gets the bytes back.
    ///
    /// - Throws: ``RPCError``.
    public func echo(
        _ bytes: ByteBuffer,
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> ByteBuffer {
        try await self.call(.echo, bytes, options: options).body
    }
}
