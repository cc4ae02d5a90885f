// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335: dynamic dispatch is spelled out.
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409: no accidental re-exports.
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444: every import is written down.
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461: async stays put.
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
]
// SE-0458: each unsafe expression is marked. For targets that touch C or raw bytes; not for tests.
let memorySafe = settings + [.strictMemorySafety()]

// Libraries, by the job that they do here.
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "progress",
    products: [
        .library(name: "ProgressRPC", targets: ["ProgressRPC"]),
        .executable(name: "progress-server", targets: ["ProgressServer"]),
        .executable(name: "progress-gateway", targets: ["ProgressGateway"]),
        .executable(name: "progressctl", targets: ["ProgressTool"]),
        .executable(name: "progress-benchmarks", targets: ["ProgressBenchmarks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird",
            from: "2.28.0",
            traits: []
        ),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // C libraries.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),

        // The protocol and both ends of the wire.
        .target(
            name: "ProgressRPC",
            dependencies: ["CLZ4", nioCore, nioPosix, protobuf, logging],
            swiftSettings: memorySafe
        ),

        // The canonical chain: pure, so it cannot see libpq, sockets or clocks.
        .target(
            name: "ProgressChain",
            path: "Sources/ProgressServer/Chain",
            swiftSettings: memorySafe
        ),
        // libpq, and the only target that sees it.
        .target(
            name: "ProgressPostgres",
            dependencies: ["CLibPQ"],
            path: "Sources/ProgressServer/Postgres",
            swiftSettings: memorySafe
        ),
        .executableTarget(
            name: "ProgressServer",
            dependencies: [
                "ProgressChain", "ProgressPostgres", "ProgressRPC", arguments, configuration,
                crypto,
                lifecycle, logging, nioCore, protobuf, signals,
            ],
            exclude: ["Chain", "Postgres"],
            swiftSettings: memorySafe
        ),

        // Tokens and scopes: what the gateway verifies and `progressctl token` creates.
        .target(
            name: "ProgressTokens",
            dependencies: [crypto],
            path: "Sources/ProgressGateway/Tokens",
            swiftSettings: memorySafe
        ),
        // The JSON of the HTTP API, for the gateway and for `progressctl job progress --json`.
        .target(
            name: "ProgressJSON",
            dependencies: ["ProgressRPC", nioCore],
            path: "Sources/ProgressGateway/JSON",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ProgressGateway",
            dependencies: [
                "ProgressJSON", "ProgressRPC", "ProgressTokens", arguments, configuration, crypto,
                httpTypes, hummingbird, hummingbirdCore, lifecycle, logging, nioCore, nioHTTP1,
                nioPosix, signals,
            ],
            exclude: ["JSON", "Tokens"],
            resources: [
                .embedInCode("Page/index.html"), .embedInCode("Page/page.css"),
                .embedInCode("Page/page.js"), .embedInCode("Routes/openapi.json"),
            ],
            swiftSettings: memorySafe
        ),

        // A PostgreSQL cluster of our own, for the demo and the tests.
        .target(
            name: "PrivatePostgres",
            dependencies: ["ProgressPostgres"],
            path: "Sources/ProgressTool/PrivatePostgres",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ProgressTool",
            dependencies: [
                "PrivatePostgres", "ProgressJSON", "ProgressPostgres", "ProgressRPC",
                "ProgressTokens", arguments, histogram, httpClient, logging, nioCore, nioHTTP1,
                nioPosix, protobuf, signals,
            ],
            exclude: ["PrivatePostgres"],
            resources: [.embedInCode("Demo/Sample/amp-segments.jsonl")],
            swiftSettings: settings
        ),

        .executableTarget(
            name: "ProgressBenchmarks",
            dependencies: [
                "PrivatePostgres", "ProgressChain", "ProgressPostgres", "ProgressRPC", arguments,
                httpTypes, hummingbird, logging, nioCore, protobuf,
            ],
            path: "Benchmarks",
            exclude: ["MallocCount", "PingPong", "SelectLoop", "harness", "run"],
            swiftSettings: settings
        ),
        .executableTarget(name: "pingpong", path: "Benchmarks/PingPong"),
        .executableTarget(
            name: "selectloop",
            dependencies: ["CLibPQ"],
            path: "Benchmarks/SelectLoop"
        ),

        // Tests, one target per target tested.
        .target(
            name: "TestSupport",
            dependencies: ["PrivatePostgres", "ProgressPostgres", "ProgressRPC", logging],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        test("ProgressRPCTests", of: "ProgressRPC", nioCore, nioPosix, protobuf, logging),
        test("ProgressChainTests", exclude: ["Vectors/chains.json"], of: "ProgressChain"),
        test(
            "ProgressServerTests",
            of: "ProgressServer",
            "ProgressChain",
            "ProgressPostgres",
            "ProgressRPC",
            lifecycle,
            logging
        ),
        test(
            "ProgressGatewayTests",
            of: "ProgressGateway",
            "ProgressJSON",
            "ProgressTokens",
            "ProgressRPC",
            arguments,
            httpTypes,
            hummingbird,
            hummingbirdCore,
            lifecycle,
            logging,
            nioCore,
            nioEmbedded,
            nioHTTP1,
            nioPosix,
            protobuf
        ),
        test(
            "ProgressToolTests",
            of: "ProgressTool",
            "PrivatePostgres",
            "ProgressChain",
            "ProgressJSON",
            "ProgressPostgres",
            "ProgressRPC",
            "ProgressTokens",
            arguments,
            logging,
            nioCore,
            nioHTTP1,
            nioPosix,
            protobuf
        ),
        test(
            "EndToEndTests",
            of: "ProgressGateway",
            "ProgressServer",
            "ProgressTool",
            "PrivatePostgres",
            "ProgressPostgres",
            "ProgressRPC",
            "ProgressTokens",
            httpClient,
            nioCore,
            nioHTTP1
        ),
    ]
)

func test(_ name: String, exclude: [String] = [], of subjects: Target.Dependency...) -> Target {
    .testTarget(
        name: name,
        dependencies: subjects + ["TestSupport"],
        exclude: exclude,
        swiftSettings: settings
    )
}
