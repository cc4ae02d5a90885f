import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The least that an HTTP answer of the gateway's size can cost with its library.
enum TrivialRoute {
    private static let body = ByteBuffer(
        string: """
            {"job_id":1,"job_status":"RUNNING","tables":{\
            "blocks":{"current_block":9999,"start_block":0,"files_count":10,"total_size_bytes":1106400000},\
            "logs":{"current_block":9999,"start_block":0,"files_count":10,"total_size_bytes":1106400000},\
            "transactions":{"current_block":9999,"start_block":0,"files_count":10,"total_size_bytes":1106400000}}}
            """
    )

    static func run(port: Int) async throws {
        let router = Router()
        router.get("/jobs/{id}/progress") { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "application/json"],
                body: .init(byteBuffer: Self.body)
            )
        }
        var logger = Logger(label: "route")
        logger.logLevel = .warning
        try await Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            logger: logger
        ).run()
    }
}
